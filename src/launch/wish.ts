import type { Surroundings } from './surroundings.ts'
import type { Wish } from './workers.ts'

/** What of a wish a waiting task knows. */
export interface Wishing extends Omit<Wish, keyof Surroundings | 'workspace'> {
  /** What of its memory its files may take: 0 where they are on disk. */
  readonly filesInMemoryMiB: number
}

/** What a task asks for: the memory of its processes apart from that of its files. */
export function wishOf(task: Wishing, surroundings: Surroundings): Wish {
  const { filesInMemoryMiB } = task
  return {
    ...task,
    ...surroundings,
    memoryMiB: task.memoryMiB - filesInMemoryMiB,
    workspace: filesInMemoryMiB > 0 ? 'memory' : 'disk',
  }
}
