/**
 * How hard the machine is pressed, as far as this process can see: a handful of small files that the kernel answers from
 * memory. Whatever cannot be read is not known; nothing is thrown.
 *
 *     Linux     /proc/pressure, /proc/meminfo, the load average; memory limits, stalls and throttling of the control
 *               groups (v2) that this process is in
 *     Windows   the memory that is available
 *     macOS     the load average alone: free memory is near nothing on every Mac that has been used for an hour, since
 *               all that can be given back at once is not counted
 */
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os'
import { join } from 'node:path'
import { groupsOf, hasQuota, type Memory, memoryOf, type ReadText } from './cgroup.ts'

/** Shares are percent of the time; null is what is not known here. */
export interface Pressure {
  /** Of the machine, which the load average is of too. */
  readonly cores: number
  /** Threads that ran, or wanted to, over the last minute. */
  readonly load: number | null
  /** In which some thread of the machine waited for a CPU, over the last minute. */
  readonly cpuSome: number | null
  /** In which the CPU quota of the group stopped all of it, over the last minute. */
  readonly throttled: number | null
  /** In which some, and all, waited for memory, over the last ten seconds. */
  readonly memorySome: number | null
  readonly memoryFull: number | null
  /** In which all waited for a disk, over the last ten seconds. */
  readonly ioFull: number | null
  readonly memory: Memory | null
}

/** Where /proc and /sys are: tests have their own. */
export interface Place {
  readonly root: string
  readonly load: () => number
  readonly cores: number
}

export function machinePressure(): () => Pressure {
  const { length } = cpus()
  const place: Place = { root: '/', load: () => loadavg()[0] ?? 0, cores: length || availableParallelism() }
  switch (platform()) {
    case 'linux':
      return () => linuxPressure(place)
    case 'win32':
      return () => ({ ...unknown, cores: place.cores, memory: windowsMemory() })
    default:
      return () => ({ ...unknown, cores: place.cores, load: place.load() })
  }
}

const unknown: Omit<Pressure, 'cores'> = {
  load: null,
  cpuSome: null,
  throttled: null,
  memorySome: null,
  memoryFull: null,
  ioFull: null,
  memory: null,
}

export function linuxPressure({ root, load, cores }: Place): Pressure {
  const read: ReadText = (path) => textOf(join(root, path))
  const groups = groupsOf(read('proc/self/cgroup') ?? '', 'sys/fs/cgroup')
  const own = (file: string) => firstOf(groups, (group) => read(join(group, file)))
  const [memory, ownMemory] = [read('proc/pressure/memory'), own('memory.pressure')]
  return {
    cores,
    load: load(),
    cpuSome: stallIn(read('proc/pressure/cpu'), 'some', 60),
    throttled: groups.some((group) => hasQuota(read(join(group, 'cpu.max'))))
      ? stallIn(own('cpu.pressure'), 'full', 60)
      : null,
    // Others may wait at limits of their own without any harm to us; where all wait there is harm.
    memorySome: stallIn(ownMemory ?? memory, 'some', 10),
    memoryFull: greater(stallIn(memory, 'full', 10), stallIn(ownMemory, 'full', 10)),
    ioFull: stallIn(read('proc/pressure/io'), 'full', 10),
    memory: leastOf([memoryIn(read('proc/meminfo')), ...groups.map((group) => memoryOf(group, read))]),
  }
}

/** One average of a text like `some avg10=1.53 avg60=0.87 avg300=0.22 total=58761459`, in percent. */
export function stallIn(text: string | undefined, who: 'some' | 'full', seconds: 10 | 60): number | null {
  const found = new RegExp(`^${who} .*\\bavg${seconds}=(\\d+(?:\\.\\d+)?)`, 'm').exec(text ?? '')?.[1]
  return found === undefined ? null : Number(found)
}

/** The text is that of /proc/meminfo. */
export function memoryIn(text: string | undefined): Memory | undefined {
  const [totalMiB, availableMiB] = ['MemTotal', 'MemAvailable'].map((field) => {
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text ?? '')?.[1] ?? Number.NaN) / 1024
  }) as [number, number]
  return totalMiB > 0 && availableMiB >= 0 ? { totalMiB, availableMiB } : undefined
}

function windowsMemory(): Memory {
  return { totalMiB: totalmem() / 1024 ** 2, availableMiB: process.availableMemory() / 1024 ** 2 }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}

function greater(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b)
}

function leastOf(memories: readonly (Memory | undefined)[]): Memory | null {
  const known = memories.filter((memory) => memory !== undefined)
  return known.sort((a, b) => a.availableMiB - b.availableMiB)[0] ?? null
}
