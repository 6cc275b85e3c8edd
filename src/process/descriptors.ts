/** The first descriptors of a worker, and of what stands around it. */
import type { Isolation, ProcessLimits } from './isolation.ts'
import type { Slot } from './slots.ts'
import type { Descriptor } from './spawn.ts'

/** Where the outermost process has what ties it to the orchestrator, at level 1; what it starts closes it. */
export const TIE_FD = 5
/** Where bwrap tells of the first process that it started. */
export const STATUS_FD = 5
/** Where it reads the filter of its calls, from level 2 on; it closes it. */
export const FILTER_FD = 6
/** Where it finds the namespace of the slot's user, at level 3. */
export const NAMESPACE_FD = 7
/** Where it waits for its limits, at level 2, when these are set from outside. */
export const GATE_FD = 7

/** Nothing to read, what it prints, what it is told, what it reports. */
const own: readonly Descriptor[] = ['ignore', 'pipe', 'pipe', 'pipe', 'pipe']

export function descriptorsOf(
  { isGated, tie, filter }: Isolation,
  limits: ProcessLimits,
  slot: Slot | undefined,
): readonly Descriptor[] {
  if (filter === undefined) return tie ? [...own, tie] : own
  const inner = [...own, 'pipe' as const, { file: filter }]
  if (slot) return [...inner, slot.namespace]
  return isGated ? [...inner, { limits }] : inner
}
