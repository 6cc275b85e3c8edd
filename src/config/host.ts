import { availableParallelism, totalmem } from 'node:os'

/** What there is to share out. */
export interface Host {
  readonly cores: number
  readonly memoryMiB: number
}

const mebibyte = 1024 * 1024

/** This one, within the limits of the container that it may be. */
export function thisHost(): Host {
  return { cores: availableParallelism(), memoryMiB: memoryMiB(totalmem(), process.constrainedMemory()) }
}

/** In bytes; no limit shows as 0, or as more than there is. */
export function memoryMiB(total: number, limit: number): number {
  return Math.floor((limit > 0 ? Math.min(limit, total) : total) / mebibyte)
}
