/**
 * What ends for a task that is due and finds no slot: as few as will do, and of those the cheapest.
 *
 * No cycle of preemptions can exist. Only tasks of the batch pool are ended, and only for tasks of the critical and the
 * normal pool: whatever was ended waits in the batch pool again, where it is nobody's reason to end anything. And no task
 * is ended without bound: an attempt is left alone at first, and a task that was ended so many times is immune.
 */
import type { Policy, PreemptionPolicy } from './policy.ts'
import type { Room } from './room.ts'
import type { Runners } from './runners.ts'
import { lostSeconds, type Running } from './running.ts'
import type { Waiting } from './waiting.ts'

export interface Scene {
  readonly runners: Pick<Runners, 'all' | 'promises'>
  readonly room: Pick<Room, 'freeShared' | 'fits'>
  readonly policy: Policy
  /** Whether a tenant runs more than its limits allow. */
  readonly isOver: (tenant: string) => boolean
}

/** Undefined when nothing may end that would do, or what ends already does. */
export function victimsFor(task: Waiting, scene: Scene, now: number): readonly Running[] | undefined {
  const { runners, policy } = scene
  const ending = [...runners.all()].filter(({ isPreempted }) => isPreempted)
  const candidates = [...runners.all()]
    .filter((running) => mayEnd(running, policy.preemption, now))
    .sort((a, b) => costOf(a, scene, now) - costOf(b, scene, now) || b.startedAt - a.startedAt)
  const victims: Running[] = []
  for (const candidate of candidates) {
    if (suffices(task, [...ending, ...victims], scene)) break
    victims.push(candidate)
  }
  if (victims.length === 0 || !suffices(task, [...ending, ...victims], scene)) return undefined
  return spare(victims, (left) => suffices(task, [...ending, ...left], scene))
}

/** When the first of those that are left alone now may be ended. */
export function nextVictimAt(running: Iterable<Running>, policy: PreemptionPolicy, now: number): number | undefined {
  let next: number | undefined
  for (const one of running) {
    const at = one.startedAt + policy.exemptSeconds * 1000
    if (at > now && mayEnd(one, policy, at) && !(next !== undefined && next <= at)) next = at
  }
  return next
}

function mayEnd({ task, startedAt, isPreempted }: Running, { exemptSeconds, most }: PreemptionPolicy, now: number) {
  const isTask = task.pool === 'batch' && !task.isCleanup
  return isTask && !isPreempted && task.preemptions < most && now - startedAt >= exemptSeconds * 1000
}

/** Whose tenant has more than it may comes first; then whoever loses least. In seconds. */
function costOf(running: Running, { isOver }: Scene, now: number): number {
  return lostSeconds(running, now) - (isOver(running.task.tenant) ? 1e9 : 0)
}

/** Whether there is a slot when these have ended, and all that were promised one have theirs. */
function suffices({ pool, memoryMiB }: Waiting, ended: readonly Running[], { room, runners }: Scene): boolean {
  const shared = ended.filter(({ slot }) => slot === 'shared')
  const freed = shared.reduce((sum, { task }) => sum + task.memoryMiB, 0)
  return room.freeShared(pool, shared.length) > runners.promises && room.fits(memoryMiB, freed)
}

/** Lets go of whoever is not needed after all, the dearest first. */
function spare(victims: readonly Running[], suffices: (left: readonly Running[]) => boolean): readonly Running[] {
  let left = victims
  for (const victim of victims.toReversed()) {
    const others = left.filter((other) => other !== victim)
    if (suffices(others)) left = others
  }
  return left
}
