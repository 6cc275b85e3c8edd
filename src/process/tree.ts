import type { Census, Look } from './census.ts'
import { type Identity, isGone, readStat } from './identity.ts'
import { readProc, threadsOf } from './proc.ts'

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
  return killFound(() => childrenOf(wrapper))
}

/**
 * Kills what the first process of the namespace has started: it then ends by itself, and tells how. False when there is
 * nothing to kill (yet).
 */
export function killInNamespace(wrapper: number): boolean {
  return killFound(() => childrenOf(wrapper).flatMap((first) => childrenOf(first)))
}

/** False also when nobody can be found for want of descriptors: there are harder ways to kill, which read nothing. */
function killFound(find: () => readonly number[]): boolean {
  try {
    return find().filter(killOne).length > 0
  } catch {
    return false
  }
}

/** Direct children, of whichever thread, or of these. */
export function childrenOf(pid: number, threads: readonly string[] = threadsOf(pid)): number[] {
  return threads.flatMap((thread) =>
    (readProc(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  )
}

/** The very process that was recorded, not another one that got its pid. */
export function isAlive(process: Identity, bootId: string): boolean {
  if (process.bootId !== bootId || readStat(process.pid)?.startTicks !== process.startTicks) return false
  return !isGone(process.pid)
}

/** Kills the tree of a recorded process, as far as its namespace and its group reach. */
export function killIdentified(process: Identity, bootId: string): void {
  if (!isAlive(process, bootId)) return
  killNamespace(process.pid)
  killGroup(process.pid)
}

const rescanMs = 5
const longestRestMs = 1_000
/** Where processes come and go all the time no look is a proof: so many that show nobody are enough. */
const emptyLooks = 40

/**
 * Kills whoever carries the marker of one of these workers, again and again until it is proved that nobody does. Gives
 * up after `deadlineMs` and returns the workers of which something may still live.
 *
 * The limit of it, where no namespace helps: what sheds the marker or hides its environment from us is not found, and
 * what forks and exits faster than it can be read and killed (a tenth of a millisecond) may escape every one of many
 * looks while the machine is busy.
 */
export async function killMarked(
  workers: ReadonlySet<string>,
  census: Census,
  deadlineMs = Infinity,
): Promise<ReadonlySet<string>> {
  const deadline = performance.now() + deadlineMs
  const rest = restUntil(deadline)
  for (let empty = 0; ; ) {
    const look = census.look((worker) => workers.has(worker), killOne)
    empty = look.marked.length === 0 && !look.isBlind ? empty + 1 : 0
    if (empty > 0 && (look.isProof || empty >= emptyLooks)) return new Set()
    if (empty === 0 && performance.now() > deadline) return suspects(look, workers)
    await rest(look)
  }
}

/** Who cannot be seen may be anybody's. */
function suspects({ marked, isBlind }: Look, workers: ReadonlySet<string>): ReadonlySet<string> {
  return isBlind ? workers : new Set(marked.map((one) => one.worker))
}

/** Between looks: ever longer while they show nothing new, because what does not die may stay for ever. */
function restUntil(deadline: number): (look: Look) => Promise<void> {
  let known: ReadonlySet<number> = new Set()
  let ms = rescanMs
  return ({ marked, isBlind }) => {
    const isStuck = isBlind || (marked.length > 0 && marked.every(({ pid }) => known.has(pid)))
    known = new Set(marked.map(({ pid }) => pid))
    ms = isStuck ? Math.min(ms * 2, longestRestMs) : rescanMs
    const leftMs = Math.max(deadline - performance.now(), rescanMs)
    return new Promise((resolve) => setTimeout(resolve, Math.min(ms, leftMs)))
  }
}
