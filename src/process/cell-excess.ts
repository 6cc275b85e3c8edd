import type { Limited } from '../task/endings.ts'
import { beyond, filesInMemoryMiB } from '../task/limits.ts'
import type { Limits } from '../task/task.ts'
import type { CellFigures } from './cells.ts'
import { threadsOf } from './numbers.ts'

/**
 * The limit that the kernel held it to in its cell, by ending a process of it or not starting one. What it had in memory
 * as files counts, and was allowed.
 */
export function excessOfCell({ peakMiB, outOfMemory, refused }: CellFigures, limits: Limits): Limited | undefined {
  if (outOfMemory > 0) return beyond('memoryMiB', peakMiB, limits.memoryMiB + filesInMemoryMiB(limits))
  if (refused === 0) return undefined
  const most = threadsOf(limits.processes)
  const ending = beyond('processes', most, limits.processes)
  const message = `the kernel started no more than ${most} processes and threads of it, its limit is ${limits.processes} processes`
  return { ...ending, message }
}
