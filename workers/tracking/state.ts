/** Up to where the changes of each org are known, in the directory of the tenant: `<org>.json`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '../backup/store.ts'
import { FatalError } from '../errors/steering.ts'

/** When each component was changed last: by "Type:Name". */
export type Dates = Readonly<Record<string, string>>

export interface OrgState {
  /** Of the org that has this alias; another one begins anew. */
  readonly orgId: string
  /** Of an org that tracks its source. */
  readonly revision: number | null
  /** Of one that does not. */
  readonly dates: Dates | null
}

/** Null when nothing is known of this org yet. */
export function readState(directory: string, alias: string, orgId: string): OrgState | null {
  let text: string
  try {
    text = readFileSync(join(directory, nameOf(alias)), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  const state = parsed(text, alias)
  return state.orgId.slice(0, 15) === orgId.slice(0, 15) ? state : null
}

function parsed(text: string, alias: string): OrgState {
  try {
    return JSON.parse(text) as OrgState
  } catch {
    throw new FatalError(
      `what is known of the changes of org ${alias} cannot be read: begin anew with the action reset`,
    )
  }
}

/** Durable when it resolves. */
export function writeState(directory: string, alias: string, state: OrgState): Promise<void> {
  return writeWhole(directory, nameOf(alias), JSON.stringify(state))
}

function nameOf(alias: string): string {
  return `${alias}.json`
}
