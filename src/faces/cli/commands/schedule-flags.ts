import type { Command } from 'commander'
import type { CatchUp, Overlap } from '../../../contract/schedule.ts'
import { numberOf } from '../request.ts'

export interface PolicyOptions {
  readonly name?: string
  readonly cron?: string
  readonly timeZone?: string
  readonly every?: string
  readonly at?: string
  readonly overlap?: string
  readonly catchUp?: string
  readonly jitter?: string
  readonly paused?: boolean
}

/** The flags that say when and how a schedule fires. */
export function withPolicyFlags(command: Command): Command {
  return command
    .option('--name <text>', 'to call it by')
    .option('--cron <expression>', 'minute hour day month weekday, or @daily')
    .option('--time-zone <name>', 'of the cron expression, such as Europe/Berlin; UTC when left out')
    .option('--every <seconds>', 'an interval')
    .option('--at <time>', 'once: ISO 8601, such as 2030-01-31T08:00:00Z')
    .option('--overlap <policy>', 'while its task has not ended: skip, queue or replace')
    .option('--catch-up <policy>', 'of times that passed unseen: none, latest or all')
    .option('--jitter <seconds>', 'fire up to that much later, by chance')
    .option('--paused', 'fire nothing until it is resumed')
}

/** Whether it all makes sense is the server's to say. */
export function policiesOf({ name, cron, timeZone, every, at, overlap, catchUp, jitter, paused }: PolicyOptions) {
  return {
    ...(name !== undefined && { name }),
    ...(cron !== undefined && { cron }),
    ...(timeZone !== undefined && { timeZone }),
    ...(every !== undefined && { everySeconds: numberOf('--every', every) }),
    ...(at !== undefined && { at }),
    ...(overlap !== undefined && { overlap: overlap as Overlap }),
    ...(catchUp !== undefined && { catchUp: catchUp as CatchUp }),
    ...(jitter !== undefined && { jitterSeconds: numberOf('--jitter', jitter) }),
    ...(paused && { paused }),
  }
}
