import type { Measured } from '../files/measure.ts'
import type { TreeUsage } from '../process/usage.ts'
import type { Limited } from '../task/endings.ts'
import { beyond, fileMiBOf } from '../task/limits.ts'
import type { Limits } from '../task/task.ts'

/** The limit that an attempt is beyond by what its processes use; undefined when there is none. */
export function excessOf(usage: TreeUsage, limits: Limits): Limited | undefined {
  const { processes, memoryMiB, cpuSeconds, openFiles } = limits
  if (usage.processes > processes) return beyond('processes', usage.processes, processes)
  if (usage.privateMiB > memoryMiB) return beyond('memoryMiB', usage.privateMiB, memoryMiB)
  if (cpuSeconds !== null && usage.cpuSeconds > cpuSeconds) return beyond('cpuSeconds', usage.cpuSeconds, cpuSeconds)
  if (usage.openFiles > openFiles) return beyond('openFiles', usage.openFiles, openFiles)
  return undefined
}

/** The same by what its files take. */
export function excessOfFiles({ bytes, largestBytes, isHidden }: Measured, limits: Limits): Limited | undefined {
  const [mebibytes, largest] = [bytes / bytesPerMiB, largestBytes / bytesPerMiB]
  if (mebibytes > limits.workspaceMiB) return beyond('workspaceMiB', mebibytes, limits.workspaceMiB)
  const most = fileMiBOf(limits)
  if (largest > most) return beyond('fileMiB', largest, most)
  if (!isHidden) return undefined
  const { details } = beyond('workspaceMiB', mebibytes, limits.workspaceMiB)
  return {
    cause: 'disk',
    message: 'its files are more than can be counted: keep fewer, in flatter directories',
    details,
  }
}

const bytesPerMiB = 1024 ** 2
