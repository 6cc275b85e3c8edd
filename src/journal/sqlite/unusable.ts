import { JournalUnusable } from '../journal.ts'
import { messageOf } from './failures.ts'
import type { Files } from './files.ts'

/** The refusal of a journal that is damaged, with the ways out of it. */
export function damaged(files: Files, reason: string, cause?: unknown): JournalUnusable {
  const database = quoted(files.database)
  const directory = quoted(files.directory)
  const message = [
    `The journal in ${directory} cannot be used: ${reason}. Nothing was changed.`,
    `Either put back a copy of the whole directory from a backup`,
    `(mv ${directory} ${quoted(`${files.directory}.damaged`)} && cp -a '<backup>' ${directory};`,
    `of the database alone: rm -f ${quoted(files.wal)} && cp '<backup>/journal.db' ${database}),`,
    `or start empty and keep what is there for inspection: mv ${directory} ${quoted(`${files.directory}.damaged`)}`,
  ].join(' ')
  return new JournalUnusable(message, { cause })
}

/** Whatever else keeps the journal from opening: rights, room, a file in the place of the directory. */
export function unopenable(files: Files, cause: unknown): JournalUnusable {
  if (cause instanceof JournalUnusable) return cause
  const reason = messageOf(cause)
  return new JournalUnusable(
    `The journal in ${quoted(files.directory)} cannot be opened (${reason}): see that the disk has space and that everything in it belongs to the user Mayfly runs as.`,
    { cause },
  )
}

/** As a shell reads it back. */
export function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`
}
