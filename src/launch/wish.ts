import { type LaunchProfile, profileOf } from './profile.ts'
import type { Surroundings } from './surroundings.ts'
import type { Wish } from './workers.ts'

/** What of a wish a waiting task knows. */
export interface Wishing
  extends Omit<Wish, 'profile' | 'directory'>,
    Omit<LaunchProfile, keyof Surroundings | 'workspace'> {
  /** What of its memory its files may take: 0 where they are on disk. */
  readonly filesInMemoryMiB: number
}

/** What a task asks for: the memory of its processes apart from that of its files. */
export function wishOf(task: Wishing, surroundings: Surroundings): Wish {
  const { tenant, pool, front, filesInMemoryMiB } = task
  const profile = profileOf({
    ...task,
    ...surroundings,
    memoryMiB: task.memoryMiB - filesInMemoryMiB,
    workspace: filesInMemoryMiB > 0 ? 'memory' : 'disk',
  })
  return { tenant, pool, front, directory: surroundings.directory, profile }
}
