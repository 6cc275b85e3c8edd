import type { Directories } from '../files/directories.ts'
import type { Measured } from '../files/measure.ts'
import type { Clock } from '../system/clock.ts'
import type { Attempt } from '../task/attempt.ts'
import type { Limited } from '../task/endings.ts'

const bytesPerMiB = 1024 ** 2
/** A walk takes time for every file: after a long one nobody looks again for so many times as long. */
const restsPerWalk = 20
const shortWalkMs = 250

/**
 * How an attempt ends that adds to what the directories of its tenant take, where that is more than they may. What only
 * removes from them, or leaves them as they are, goes on: somebody has to make room.
 */
export function excessOfDirectories(before: Measured, now: Measured, mostMiB: number): Limited | undefined {
  const isOver = now.isHidden || now.bytes > mostMiB * bytesPerMiB
  const hasGrown = now.bytes > before.bytes || (now.isHidden && !before.isHidden)
  if (!isOver || !hasGrown) return undefined
  const reached = Math.round(now.bytes / bytesPerMiB)
  const figure = now.isHidden ? 'have more files than can be counted' : `take ${reached} MiB`
  return {
    cause: 'directory',
    message: `the directories of its tenant ${figure}, their limit is ${mostMiB} MiB (maxTenantDirectoryMiB): remove what is not needed, or have the operator allow more`,
    details: { limit: 'maxTenantDirectoryMiB', reached, allowed: mostMiB },
  }
}

/** Looks at them, the first time before the attempt has begun. */
export function directoryLook(
  attempt: Attempt,
  directories: Pick<Directories, 'measure' | 'mostMiB'>,
  clock: Pick<Clock, 'monotonic'>,
): () => Promise<void> {
  let before: Measured | undefined
  let restUntil = Number.NEGATIVE_INFINITY
  return async () => {
    const began = clock.monotonic()
    if (began < restUntil) return
    const now = await directories.measure(attempt.task.tenant)
    before ??= now
    const ended = clock.monotonic()
    if (ended - began > shortWalkMs) restUntil = ended + restsPerWalk * (ended - began)
    const excess = excessOfDirectories(before, now, directories.mostMiB)
    if (excess) attempt.end(excess)
  }
}
