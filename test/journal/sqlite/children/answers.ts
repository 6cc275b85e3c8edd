import { openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const pathIn = (directory: string) => join(directory, 'answers')

/** Writes what was answered by the system call itself: a line in a buffer would be lost with the process, and a pipe may be full. */
export function writerOf(directory: string): (id: string) => void {
  const file = openSync(pathIn(directory), 'a')
  return (id) => writeSync(file, `${id}\n`)
}

/** All that was answered, by whatever process. */
export function answersIn(directory: string): readonly string[] {
  return readFileSync(pathIn(directory), 'utf8').split('\n').slice(0, -1)
}
