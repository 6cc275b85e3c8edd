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
import { Readers, Writer } from './threads.ts'

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
}

const defaults: SqliteLimits = {
  batchLimitOperations: 512,
  batchLimitBytes: 4 * 1024 * 1024,
  backlogLimitBytes: 8 * 1024 * 1024,
  reserveMiB: 8,
  probeEveryMs: 1000,
}

/** Opens the journal of a data directory, or throws `JournalUnusable` and leaves everything as it was. */
export async function openSqliteJournal(options: SqliteJournalOptions): Promise<Journal> {
  const files = filesIn(resolve(options.directory))
  prepareDirectory(files)
  const lock = takeLock(files, options.clock)
  try {
    establish(files, migrations, options.clock)
    return await assemble(options, files, lock)
  } catch (error) {
    lock.release()
    throw error
  }
}

async function assemble(options: SqliteJournalOptions, files: Files, lock: Lock): Promise<Journal> {
  const { clock, logger, node = null } = options
  const limits = { ...defaults, ...options.limits }
  const reserve = new Reserve(files.reserve, limits.reserveMiB)
  if (!(await reserve.create())) logger.warn({ file: files.reserve }, 'There is no space for the reserve file.')
  const boot = { node, pid: process.pid, startedAt: clock.now() }
  const writer = new Writer({ database: files.database, boot }, (error) => commits.fail(error))
  const space = new Space({ reserve, clock, logger, probeEveryMs: limits.probeEveryMs })
  const backlog = new Backlog(limits.backlogLimitBytes)
  const commits = new Commits({ writer, space, backlog, logger, ...limits })
  const readers = new Readers({ database: files.database }, (error) =>
    logger.error({ err: error }, 'A reading thread failed.'),
  )
  await writer.ready().catch(async (error) => {
    await writer.destroy()
    throw error
  })
  return new SqliteJournal({
    clock,
    commits,
    backlog,
    space,
    readers,
    async shut() {
      await writer.close()
      lock.release()
    },
  })
}
