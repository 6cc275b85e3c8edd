/**
 * What validations of a tenant came to, by their tasks, in the tenant's directory: no task reads the result of another, and
 * a pipeline knows the task that it waited for, not what the org called it.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { FatalError } from '../errors/steering.ts'
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
  mkdirSync(place, { recursive: true, mode: 0o700 })
  const file = fileOf(place, taskId)
  writeFileSync(`${file}.draft`, JSON.stringify(validation), { flush: true, mode: 0o600 })
  renameSync(`${file}.draft`, file)
  for (const name of readdirSync(place)) removeOld(join(place, name))
}

/** The id of what this task has validated in this org. */
export function validationOf(context: Place, task: string, { alias, orgId }: Pick<Org, 'alias' | 'orgId'>): string {
  const found = read(fileOf(placeOf(context), task))
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

function read(file: string): Validation | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Validation
  } catch {
    return null
  }
}

function removeOld(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false })
  if (stats && Date.now() - stats.mtimeMs > quickDeployMs) rmSync(file, { force: true })
}
