/** What keeps a write from the disk for now: nothing was written, and it is worth trying again later. */
export type Obstacle =
  /** The disk takes no more. */
  | 'full'
  /** Another connection has the database locked: a shell, or a backup. */
  | 'busy'

/** What an error of SQLite means for the write that met it. */
export type Failure =
  | Obstacle
  /** What is on disk is no longer certain: nothing more may be promised. */
  | 'broken'
  /** The fault of the one operation. */
  | 'own'

const primaryMask = 0xff
const busy = 5
const locked = 6
const ioError = 10
const corrupt = 11
const fullDisk = 13
/** The locks of the log changed hands too often while it waited for them. */
const lockingProtocol = 15
const notADatabase = 26
/** I/O errors that a full disk or a quota raises under other names: while writing, and while growing the shared index. */
const ioWrite = 778
const ioShmSize = 4874

export function failureOf(error: unknown): Failure {
  const code = sqliteCode(error)
  if (code === undefined) return 'own'
  if (code === ioWrite || code === ioShmSize) return 'full'
  const primary = code & primaryMask
  if (primary === fullDisk) return 'full'
  if (primary === busy || primary === locked || primary === lockingProtocol) return 'busy'
  if (primary === ioError || primary === corrupt || primary === notADatabase) return 'broken'
  return 'own'
}

export function isObstacle(failure: Failure): failure is Obstacle {
  return failure === 'full' || failure === 'busy'
}

/** SQLite's extended result code, when it is an error of SQLite at all. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode : undefined
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
