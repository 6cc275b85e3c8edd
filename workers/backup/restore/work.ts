/** A restore that is under way: what it reads, where it writes, and how far it is. */
import { join } from 'node:path'
import type { Context } from '../../context.ts'
import { FatalError } from '../../errors/steering.ts'
import type { Org } from '../../salesforce/org.ts'
import type { Turn } from '../../salesforce/turn.ts'
import { AppendLog } from '../append-log.ts'
import { toLine } from '../csv.ts'
import { IdLog } from '../id-log.ts'
import type { Memory } from '../make/memory.ts'
import type { Targets } from '../values.ts'
import type { Counts, CrossInput, RestoreInput, Saved } from './input.ts'
import type { People } from './people.ts'
import type { RestorePlan } from './plan.ts'
import type { Source } from './source.ts'

export interface Work {
  readonly context: Context<RestoreInput | CrossInput>
  readonly org: Org
  readonly source: Source
  readonly plan: RestorePlan
  readonly people: People
  readonly memory: Memory<Saved>
  readonly logs: Logs
  readonly targets: Targets
  readonly turn: Turn
  /** When it last said how far it is, and when it last saved it; milliseconds since 1970. */
  readonly lately: { toldAt: number; savedAt: number }
}

export interface Failure {
  readonly object: string
  readonly id: string
  readonly code: string
  readonly message: string
}

/** Files in the kept directory that only grow, and become artifacts at the end. */
export class Logs {
  readonly ids: IdLog
  readonly created: AppendLog
  readonly failed: AppendLog
  counts: Counts

  private constructor(ids: IdLog, created: AppendLog, failed: AppendLog, counts: Counts) {
    this.ids = ids
    this.created = created
    this.failed = failed
    this.counts = counts
  }

  /** As the checkpoint left them. */
  static async open(kept: string, saved: Saved): Promise<Logs> {
    const logs = new Logs(
      await IdLog.open(join(kept, 'id-map.csv'), saved.idMapBytes),
      new AppendLog(join(kept, 'created.csv'), saved.createdBytes),
      new AppendLog(join(kept, 'failed.csv'), saved.failedBytes),
      saved.counts,
    )
    if (logs.created.bytes === 0) logs.created.add(toLine(['Object', 'Id', 'OldId']))
    if (logs.failed.bytes === 0) logs.failed.add(toLine(['Object', 'OldId', 'Code', 'Message']))
    return logs
  }

  count(more: Partial<Counts>): void {
    const counts: Record<string, number> = { ...this.counts }
    for (const [name, number] of Object.entries(more)) counts[name] = (counts[name] ?? 0) + number
    this.counts = counts as unknown as Counts
  }

  made(object: string, pairs: readonly (readonly [old: string, made: string])[]): void {
    this.ids.add(pairs)
    this.created.add(pairs.map(([old, made]) => toLine([object, made, old])).join(''))
    this.count({ inserted: pairs.length })
  }

  fail(failures: readonly Failure[]): void {
    this.failed.add(failures.map((one) => toLine([one.object, one.id, one.code, one.message])).join(''))
    this.count({ failed: failures.length })
  }

  /** For the checkpoint. */
  get state(): Pick<Saved, 'idMapBytes' | 'createdBytes' | 'failedBytes' | 'counts'> {
    const { ids, created, failed, counts } = this
    return { idMapBytes: ids.bytes, createdBytes: created.bytes, failedBytes: failed.bytes, counts }
  }

  close(): void {
    for (const log of [this.ids, this.created, this.failed]) log.close()
  }
}

const usualMaxErrors = 1_000

/** Saving makes files durable, which takes longer than a call. */
const saveEveryMs = 2_000

/**
 * One more chunk is done. Durable now and then, and before rows are made: what comes before can be done twice without
 * harm. Throws when the restore is to stop because of what has failed so far.
 */
export async function step({ memory, logs, context, lately, turn }: Work, change: Partial<Saved>): Promise<void> {
  turn.renew()
  memory.note({ ...change, ...logs.state })
  const { onError = 'continue', maxErrors = usualMaxErrors } = context.input
  const { failed } = logs.counts
  const most = onError === 'stop' ? 0 : maxErrors
  const isTooMany = failed > most
  if (isTooMany || Date.now() - lately.savedAt > saveEveryMs) {
    await memory.change({})
    lately.savedAt = Date.now()
  }
  if (!isTooMany) return
  throw new FatalError(
    `${failed} rows could not be restored, and ${onError === 'stop' ? 'onError is stop' : `maxErrors is ${most}`}: the artifact failed.csv says which and why, created.csv what was made so far`,
    { code: 'TOO_MANY_ERRORS' },
  )
}

/** Ids that stand for those of the backup. In the same org what is not made anew has the id that it had. */
export function targetsOf({ owners, gone, recordTypes }: People, ids: IdLog, isSameOrg: boolean): Targets {
  const isUser = (id: string) => id.startsWith('005')
  return {
    record: (id) => ids.map.get(id) ?? (isSameOrg && !isUser(id) ? id : undefined),
    user: (id) => owners.get(id) ?? (isSameOrg && !gone.has(id) ? id : undefined),
    recordType: (id) => recordTypes.get(id) ?? (isSameOrg ? id : undefined),
  }
}

const everyMs = 250

/** Of the whole pass: objects by their number, rows by what is known of them. */
export function tell(
  { context, logs, lately }: Work,
  phase: string,
  done: number,
  total: number,
  unit: string,
  message: string,
): void {
  if (Date.now() - lately.toldAt < everyMs) return
  lately.toldAt = Date.now()
  const { inserted, updated, undeleted, failed } = logs.counts
  const counts = `${inserted} made, ${updated} changed, ${undeleted} undeleted, ${failed} failed`
  const percent = total === 0 ? null : Math.min(100, Math.floor((100 * done) / total))
  context.progress({ phase, percent, done, total, unit, message: `${message}: ${counts}` })
}
