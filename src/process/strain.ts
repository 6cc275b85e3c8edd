/**
 * What a reading of the machine means: harm, or work. A machine that is used well looks busy: threads wait for CPUs as
 * soon as there is one more than there are CPUs, and one process that reads a large file is all of its group and waits for
 * the disk. Neither is harm, and who takes it for harm strangles itself. So what counts is
 *
 *     memory   that is nearly used up, or that processes wait for: on a sound machine none ever does, and one that swaps
 *              shows here, while swap that is merely full does not
 *     load     twice what the CPUs and the slots account for, where threads wait for CPUs indeed: the load average of
 *              Linux counts those that wait for a disk as well
 *     quota    a group whose quota stops all of it for most of the time has more than twice the threads it is good for;
 *              the load average, being of the whole machine, does not show that
 *
 * Between harm and ease lies a band in which nothing changes. A disk on which all wait is no reason to run less, only
 * none to run more.
 */
import type { Memory } from './cgroup.ts'
import type { Pressure } from './pressure.ts'

/** From bad to good: memory is gone or short, the CPUs are overloaded, it is not known whether more would do, or it would. */
export type Level = 'gone' | 'short' | 'loaded' | 'tense' | 'easy'

export interface Strain {
  readonly level: Level
  /** For people. */
  readonly reason: string
}

/** Percent of the time, for harm and for ease. */
const memoryFull = { harm: 10, ease: 1 }
const memorySome = { harm: 40, ease: 10 }
const throttled = { harm: 60, ease: 40 }
const cpuSome = { harm: 60, ease: 40 }
const ioFull = { ease: 60 }

const easy: Strain = { level: 'easy', reason: 'memory and load are fine' }

/** `slots` is how many processes of ours may run at once: what the operator allows is not taken for harm. */
export function strainOf(pressure: Pressure, slots: number): Strain {
  const memory = memoryStrain(pressure)
  if (memory.level === 'gone' || memory.level === 'short') return memory
  const load = loadStrain(pressure, slots)
  if (load.level === 'loaded') return load
  if (memory.level === 'tense') return memory
  if (load.level === 'easy' && isOver(pressure.ioFull, ioFull.ease)) {
    return { level: 'tense', reason: `everything waited for the disk ${percent(pressure.ioFull)} of the time` }
  }
  return load
}

export function memoryStrain({ memory, memoryFull: full, memorySome: some }: Pressure): Strain {
  const leftMiB = memory?.availableMiB ?? Number.POSITIVE_INFINITY
  const shortMiB = memory ? shortBelowMiB(memory) : 0
  const left = `${Math.floor(leftMiB)} of ${Math.floor(memory?.totalMiB ?? 0)} MiB are left`
  const waited = `processes waited for memory ${percent(some ?? full)} of the last 10 s, all of them ${percent(full)}`
  if (leftMiB < shortMiB / 4) return { level: 'gone', reason: `memory is nearly used up: ${left}` }
  if (leftMiB < shortMiB) return { level: 'short', reason: `memory is short: ${left}` }
  if (isOver(full, memoryFull.harm) || isOver(some, memorySome.harm)) return { level: 'short', reason: waited }
  if (leftMiB < 2 * shortMiB) return { level: 'tense', reason: `memory is not plenty: ${left}` }
  if (isOver(full, memoryFull.ease) || isOver(some, memorySome.ease)) return { level: 'tense', reason: waited }
  return easy
}

/** Memory that processes could have which are not needed yet: none where it is short, whatever is left. */
export function spareMiB(pressure: Pressure): number {
  const { level } = memoryStrain(pressure)
  if (level === 'gone' || level === 'short') return 0
  return pressure.memory?.availableMiB ?? process.availableMemory() / 1024 ** 2
}

/**
 * A twentieth, which for a large machine is too much to waste and for a small container too little for one more process;
 * of a tiny one an eighth.
 */
function shortBelowMiB({ totalMiB }: Memory): number {
  return Math.min(2048, Math.max(totalMiB / 20, Math.min(128, totalMiB / 8)))
}

function loadStrain(pressure: Pressure, slots: number): Strain {
  const { load, cores } = pressure
  // One more for ourselves: on a small machine that is not nothing.
  const most = Math.max(2 * cores, slots + cores) + 1
  const high = `the load average is ${load?.toFixed(1)} on ${cores} ${cores === 1 ? 'CPU' : 'CPUs'}`
  const stopped = `the CPU quota stopped everything ${percent(pressure.throttled)} of the last minute`
  const isHigh = (part: number) => load !== null && load > part * most
  const waits = (share: number) => pressure.cpuSome === null || pressure.cpuSome >= share
  if (isHigh(1) && waits(cpuSome.harm)) return { level: 'loaded', reason: high }
  if (isOver(pressure.throttled, throttled.harm)) return { level: 'loaded', reason: stopped }
  if (isHigh(3 / 4) && waits(cpuSome.ease)) return { level: 'tense', reason: high }
  if (isOver(pressure.throttled, throttled.ease)) return { level: 'tense', reason: stopped }
  return easy
}

function isOver(share: number | null, most: number): boolean {
  return share !== null && share >= most
}

function percent(share: number | null): string {
  return share === null ? 'an unknown part' : `${Math.round(share)} %`
}
