import { readProc } from './proc.ts'

/** What is no file of a disk, and may be written: memory under another name. Libraries are mapped as private. */
const mappingOfMemory = /^\S+ ...s \S+ \S+ \d+ +(\/dev\/zero|\/memfd:|\/SYSV|\/dev\/shm\/)/

/**
 * The most that it can be, files in memory included, in one figure for each process: to look at every mapping takes thirty
 * times as long (measured with 60,000 of them). Undefined where the kernel does not say it.
 */
export function sharedAtMostMiB(pids: readonly number[]): number | undefined {
  const parts = pids.map((pid) => /^Pss_Shmem: +(\d+) kB$/m.exec(readProc(`/proc/${pid}/smaps_rollup`) ?? '')?.[1])
  return parts.some((part) => part !== undefined)
    ? parts.reduce((sum, part = '0') => sum + Number(part), 0) / 1024
    : undefined
}

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
