import { readdirSync } from 'node:fs'
import type { Census } from './census.ts'
import { type Identity, isGone, readProc, readStat } from './identity.ts'

/** True when there was something to kill. */
export function killOne(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
}

/** Lets a process go on that was stopped. */
export function resume(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT')
  } catch {}
}

export function killGroup(leader: number): boolean {
  return killOne(-leader)
}

/**
 * Kills the first process of the pid namespace that this wrapper made: the kernel kills all others of it and lets the
 * wrapper see the exit only when they are gone. False when there is no such process (yet).
 */
export function killNamespace(wrapper: number): boolean {
  return childrenOf(wrapper).some(killOne)
}

/**
 * Kills what the first process of the namespace has started: it then ends by itself, and tells how. False when there is
 * nothing to kill (yet).
 */
export function killInNamespace(wrapper: number): boolean {
  return childrenOf(wrapper).flatMap(childrenOf).filter(killOne).length > 0
}

/** Direct children, of whichever thread. */
export function childrenOf(pid: number): number[] {
  return threadsOf(pid).flatMap((thread) =>
    (readProc(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  )
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** The very process that was recorded, not another one that got its pid. */
export function isAlive(process: Identity, bootId: string): boolean {
  const stat = process.bootId === bootId ? readStat(process.pid) : undefined
  return !isGone(stat) && stat?.startTicks === process.startTicks
}

/** Kills the tree of a recorded process, as far as its namespace and its group reach. */
export function killIdentified(process: Identity, bootId: string): void {
  if (!isAlive(process, bootId)) return
  killNamespace(process.pid)
  killGroup(process.pid)
}

const rescanMs = 5
/** Where processes come and go all the time no look is a proof: so many that show nobody are enough. */
const emptyLooks = 40

/**
 * Kills whoever carries the marker of one of these workers, again and again until it is proved that nobody does. Gives
 * up after `deadlineMs` and returns the workers of which something still lives.
 */
export async function killMarked(
  workers: ReadonlySet<string>,
  census: Census,
  deadlineMs = Infinity,
): Promise<ReadonlySet<string>> {
  const deadline = performance.now() + deadlineMs
  for (let empty = 0; ; ) {
    const { marked, isProof } = census.look((worker) => workers.has(worker))
    empty = marked.length === 0 ? empty + 1 : 0
    if (empty > 0 && (isProof || empty >= emptyLooks)) return new Set()
    if (empty === 0 && performance.now() > deadline) return new Set(marked.map((one) => one.worker))
    for (const { pid } of marked) killOne(pid)
    await new Promise((resolve) => setTimeout(resolve, rescanMs))
  }
}
