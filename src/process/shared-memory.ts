import { readProc } from './proc.ts'

/** What is no file of a disk, and may be written: memory under another name. Libraries are mapped as private. */
const mappingOfMemory = /^\S+ ...s \S+ \S+ \d+ +(\/dev\/zero|\/memfd:|\/SYSV|\/dev\/shm\/)/

/**
 * Memory of processes that others may have mapped too, which the kernel counts as nobody's own and holds to no limit of a
 * process: each page in as many parts as there are processes that have it. Files in memory that a task was given are none.
 */
export function sharedMiB(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + sharedKibibytes(readProc(`/proc/${pid}/smaps`) ?? ''), 0) / 1024
}

/** Of what /proc says of each mapping: a line with its name, and lines of figures. */
function sharedKibibytes(smaps: string): number {
  let sum = 0
  let counts = false
  for (const line of smaps.split('\n')) {
    if (/^[0-9a-f]+-/.test(line)) counts = mappingOfMemory.test(line)
    else if (counts && line.startsWith('Pss:')) sum += Number.parseInt(line.slice('Pss:'.length), 10)
  }
  return sum
}
