/**
 * What ends for a task that is due and finds no room: as few as will do, and of those the cheapest.
 *
 * No cycle of preemptions can exist. Only tasks of the batch pool are ended, and only for tasks of the critical and the
 * normal pool: whatever was ended waits in the batch pool again, where it is nobody's reason to end anything. And no task
 * is ended without bound: an attempt is left alone at first, and a task that was ended so many times is immune.
 */
import type { Pool } from '../task/task.ts'
import type { Policy, PreemptionPolicy } from './policy.ts'
import type { Room } from './room.ts'
import { lostSeconds, type Running } from './running.ts'
import type { Waiting } from './waiting.ts'

/** Who may have to yield, to whom, and in which room. */
export interface Contest {
  readonly running: Iterable<Running>
  /** Whoever has a right to what comes free before it. */
  readonly ahead: readonly Waiting[]
  readonly room: Pick<Room, 'freeOwn' | 'freeShared' | 'fitsAfter'>
  readonly policy: Policy
  /** Whether a tenant runs more batch tasks than its limits allow. */
  readonly isOver: (tenant: string) => boolean
}

/** Undefined when nothing may end that would do, or what ends already does. */
export function victimsFor(task: Waiting, contest: Contest, now: number): readonly Running[] | undefined {
  const { running, policy } = contest
  const all = [...running]
  const ending = endingOf(all)
  const suffices = (victims: readonly Running[]) => hasRoomAfter(task, [...ending, ...victims], contest)
  if (suffices([])) return undefined
  const candidates = all
    .filter((one) => mayEnd(one, policy.preemption, now))
    .map((one) => ({ one, cost: costOf(one, contest, now) }))
    .sort((a, b) => a.cost - b.cost || b.one.startedAt - a.one.startedAt)
    .map(({ one }) => one)
  return fewest(candidates, suffices)
}

/** What is being ended already, for whomever. */
export function endingOf(running: Iterable<Running>): readonly Running[] {
  return [...running].filter(({ preemptedAt }) => preemptedAt !== undefined)
}

/** Whether there is room for a task when these have ended, and whoever is ahead of it has its own. */
export function hasRoomAfter(
  { pool, memoryMiB }: Pick<Waiting, 'pool' | 'memoryMiB'>,
  ended: readonly Running[],
  { room, ahead }: Pick<Contest, 'room' | 'ahead'>,
): boolean {
  const freed: Partial<Record<Pool, number>> = {}
  for (const { slot, task } of ended) if (slot === 'shared') freed[task.pool] = (freed[task.pool] ?? 0) + 1
  const slots = room.freeOwn(pool) + Math.max(0, room.freeShared(pool, freed))
  const freedMiB = ended.reduce((sum, { task }) => sum + task.memoryMiB, 0)
  const aheadMiB = ahead.reduce((sum, one) => sum + one.memoryMiB, 0)
  return slots > ahead.length && room.fitsAfter(memoryMiB + aheadMiB, freedMiB)
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

function mayEnd({ task, startedAt, preemptedAt }: Running, { exemptSeconds, most }: PreemptionPolicy, now: number) {
  const isTask = task.pool === 'batch' && !task.isCleanup
  return isTask && preemptedAt === undefined && task.preemptions < most && now - startedAt >= exemptSeconds * 1000
}

/** Whose tenant has more than it may comes first; then whoever loses least. In seconds. */
function costOf(running: Running, { isOver }: Contest, now: number): number {
  return lostSeconds(running, now) - (isOver(running.task.tenant) ? 1e9 : 0)
}

/**
 * So many as the largest would have to be, and of those the cheapest one after the other, as long as the largest of the
 * others could make up for what it does not free.
 */
function fewest(
  candidates: readonly Running[],
  suffices: (victims: readonly Running[]) => boolean,
): readonly Running[] | undefined {
  const largest = candidates.toSorted((a, b) => b.task.memoryMiB - a.task.memoryMiB)
  const count = largest.findIndex((_, last) => suffices(largest.slice(0, last + 1))) + 1
  if (count === 0) return undefined
  const victims: Running[] = []
  const isLeft = (one: Running) => !victims.includes(one)
  while (victims.length < count) {
    const victim = candidates.find((one) => {
      const others = largest.filter((other) => other !== one && isLeft(other))
      return isLeft(one) && suffices([...victims, one, ...others.slice(0, count - victims.length - 1)])
    })
    victims.push(victim as Running)
  }
  return victims
}
