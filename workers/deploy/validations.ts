/**
 * What validations of a tenant came to, by their tasks, in the tenant's directory: no task reads the result of another, and
 * a pipeline knows the task that it waited for, not what the org called it.
 */
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { FatalError } from '../errors/steering.ts'
import { readKept, writeKept } from '../salesforce/kept-file.ts'
import type { Org } from '../salesforce/org.ts'

interface Validation {
  readonly id: string
  readonly orgId: string
}

type Place = Pick<Context, 'directory'>

/** So long Salesforce makes a validation real. */
export const quickDeployMs = 10 * 24 * 3_600_000

/** Also takes out those that are too old to be asked for. */
export function keepValidation({ directory, taskId }: Pick<Context, 'directory' | 'taskId'>, validation: Validation) {
  const place = placeOf({ directory })
  writeKept(fileOf(place, taskId), validation)
  for (const name of readdirSync(place)) removeOld(join(place, name))
}

/** The id of what this task has validated in this org. */
export function validationOf(context: Place, task: string, { alias, orgId }: Pick<Org, 'alias' | 'orgId'>): string {
  const found = readKept<Validation>(fileOf(placeOf(context), task))
  if (found?.orgId === orgId) return found.id
  const why =
    found === null
      ? `task ${task} is no validation that ended well with its tests in the last ten days`
      : `task ${task} was a validation in another org`
  throw new FatalError(`org ${alias}: ${why}: run deploy.validate there, and name that task or its validationId`, {
    code: 'INVALID_INPUT',
  })
}

const placeOf = ({ directory }: Place) => join(directory, '.validations')
const fileOf = (place: string, task: string) => join(place, `${task}.json`)

function removeOld(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false })
  if (stats && Date.now() - stats.mtimeMs > quickDeployMs) rmSync(file, { force: true })
}
