import { opendirSync, readdirSync, readFileSync } from 'node:fs'

/** What the kernel says of a process that is not there, or that is not ours to read. */
const absent: ReadonlySet<unknown> = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM'])

/**
 * A file of /proc, undefined when it (or the process behind it) is not there. Throws whatever else goes wrong: without
 * descriptors or memory nobody can be seen, and that must not pass for nobody being there.
 */
export function readProc(path: string): string | undefined {
  return unlessAbsent(() => readFileSync(path, 'latin1'))
}

/** All processes of the machine, in the order of their numbers. */
export function listPids(): number[] {
  const names = unlessAbsent(() => readdirSync('/proc')) ?? []
  return names.map(Number).filter(Number.isInteger)
}

/** The threads of a process, the first one first; of very many only so many, because to list them takes its time too. */
export function threadsOf(pid: number, atMost = Infinity): string[] {
  const directory = unlessAbsent(() => opendirSync(`/proc/${pid}/task`))
  const threads: string[] = []
  if (!directory) return threads
  try {
    while (threads.length < atMost) {
      const entry = unlessAbsent(() => directory.readSync())
      if (!entry) break
      threads.push(entry.name)
    }
  } finally {
    directory.closeSync()
  }
  return threads
}

function unlessAbsent<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (absent.has((error as NodeJS.ErrnoException).code)) return undefined
    throw error
  }
}
