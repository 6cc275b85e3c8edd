import { resolve } from 'node:path'
import type { Clock } from '../../system/clock.ts'
import type { Logger } from '../../system/logger.ts'
import type { Journal } from '../journal.ts'
import { Backlog } from './backlog.ts'
import { Commits } from './commits.ts'
import { type Files, filesIn, prepareDirectory } from './files.ts'
import { establish } from './instance.ts'
import { SqliteJournal } from './journal.ts'
import { type Lock, takeLock } from './lock.ts'
import { migrations } from './migrations/migrations.ts'
import { Reserve } from './reserve.ts'
import { Space } from './space.ts'
import type { WriterData } from './thread/writer.ts'
import { Readers, Writer } from './threads.ts'
import { unopenable } from './unusable.ts'

export interface SqliteJournalOptions {
  /** Made when it is not there; nobody else may use it at the same time. */
  readonly directory: string
  readonly clock: Clock
  readonly logger: Logger
  /** The node's name, for the record of its starts. */
  readonly node?: string
  readonly limits?: Partial<SqliteLimits>
}

export interface SqliteLimits {
  readonly batchLimitOperations: number
  readonly batchLimitBytes: number
  /** Writes that wait for the disk: above it, reading from workers pauses. */
  readonly backlogLimitBytes: number
  /** Disk space kept back for what must be written when the disk is full. */
  readonly reserveMiB: number
  /** How often a full disk is tried again. */
  readonly probeEveryMs: number
  /** The newest events of a task that are kept. */
  readonly maxTaskEvents: number
}

const defaults: SqliteLimits = {
  batchLimitOperations: 512,
  batchLimitBytes: 4 * 1024 * 1024,
  backlogLimitBytes: 8 * 1024 * 1024,
  reserveMiB: 8,
  probeEveryMs: 1000,
  maxTaskEvents: 100_000,
}

/** Opens the journal of a data directory, or throws `JournalUnusable` and leaves everything as it was. */
export async function openSqliteJournal(options: SqliteJournalOptions): Promise<Journal> {
  const files = filesIn(resolve(options.directory))
  try {
    prepareDirectory(files)
    return await openLocked(options, files, takeLock(files, options.clock))
  } catch (error) {
    throw unopenable(files, error)
  }
}

async function openLocked(options: SqliteJournalOptions, files: Files, lock: Lock): Promise<Journal> {
  const limits = { ...defaults, ...options.limits }
  const reserve = new Reserve(files.reserve, limits.reserveMiB)
  try {
    await reserve.yieldIfTight()
    establish(files, migrations, options.clock)
    return await assemble(options, limits, files, reserve, lock)
  } catch (error) {
    lock.release()
    throw error
  }
}

async function assemble(
  { clock, logger, node }: SqliteJournalOptions,
  limits: SqliteLimits,
  files: Files,
  reserve: Reserve,
  lock: Lock,
): Promise<Journal> {
  const { database } = files
  const boot = { node: node ?? null, pid: process.pid, startedAt: clock.now() }
  const writer = await startWriter({ database, boot, maxTaskEvents: limits.maxTaskEvents }, (error) =>
    commits.fail(error),
  )
  const space = new Space({ reserve, clock, logger, probeEveryMs: limits.probeEveryMs })
  const backlog = new Backlog(limits.backlogLimitBytes)
  const commits = new Commits({ writer, space, backlog, clock, logger, ...limits })
  const readers = new Readers({ database }, (error) => logger.error({ err: error }, 'A reading thread failed.'))
  // Last, since opening may have needed the room.
  if (!(await reserve.create())) await space.ranOut(false)
  return new SqliteJournal({
    clock,
    commits,
    cues: writer.cues,
    backlog,
    space,
    readers,
    async shut() {
      await (commits.failed ? writer.destroy() : writer.close(space.full))
      lock.release()
    },
  })
}

async function startWriter(data: WriterData, onError: (error: Error) => void): Promise<Writer> {
  const writer = new Writer(data, onError)
  try {
    await writer.ready()
    return writer
  } catch (error) {
    await writer.destroy()
    throw error
  }
}
