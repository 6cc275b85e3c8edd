import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { linuxPressure, machinePressure, memoryIn, stallIn } from '../../src/process/pressure.ts'

/** Taken from a desktop with 16 GiB that swaps, 6.8. */
const memoryStall =
  'some avg10=37.94 avg60=22.10 avg300=6.81 total=91230846\nfull avg10=24.08 avg60=14.52 avg300=4.47 total=60284991\n'
const cpuStall =
  'some avg10=4.71 avg60=5.60 avg300=3.80 total=3297967477\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n'
const meminfo =
  'MemTotal:       16303428 kB\nMemFree:          262144 kB\nMemAvailable:    1048576 kB\nBuffers:            1480 kB\n' +
  'Cached:           902168 kB\nSwapCached:       211392 kB\nSwapTotal:       8388604 kB\nSwapFree:        1204220 kB\n'

describe('a stall', () => {
  it('is read by who waited and over what time', () => {
    expect(stallIn(memoryStall, 'some', 10)).toBe(37.94)
    expect(stallIn(memoryStall, 'full', 10)).toBe(24.08)
    expect(stallIn(memoryStall, 'full', 60)).toBe(14.52)
    expect(stallIn('some avg10=100.00 avg60=7 avg300=0.00 total=1', 'some', 10)).toBe(100)
  })

  it('is not known where the kernel does not tell', () => {
    // Until 5.13 there was no second line for CPUs.
    expect(stallIn('some avg10=4.71 avg60=5.60 avg300=3.80 total=32979\n', 'full', 10)).toBeNull()
    expect(stallIn(undefined, 'some', 10)).toBeNull()
    expect(stallIn('', 'some', 10)).toBeNull()
  })
})

describe('the memory of the machine', () => {
  it('is what is available, not what is free', () => {
    expect(memoryIn(meminfo)).toEqual({ totalMiB: 16303428 / 1024, availableMiB: 1024 })
  })

  it('is not known when half of it is missing', () => {
    expect(memoryIn('MemTotal:       16303428 kB\nMemFree:          262144 kB\n')).toBeUndefined()
    expect(memoryIn(undefined)).toBeUndefined()
  })
})

describe('the pressure on Linux', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'mayfly-pressure-'))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  function put(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true })
      writeFileSync(join(root, name), text)
    }
  }

  const pressure = () => linuxPressure({ root, load: () => 3.5, cores: 8 })

  it('is the machine’s where no group limits anything', () => {
    put({
      'proc/pressure/memory': memoryStall,
      'proc/pressure/cpu': cpuStall,
      'proc/pressure/io': 'some avg10=80.1 avg60=1 avg300=1 total=1\nfull avg10=71.5 avg60=1 avg300=1 total=1\n',
      'proc/meminfo': meminfo,
      'proc/self/cgroup': '0::/user.slice\n',
      'sys/fs/cgroup/user.slice/memory.max': 'max\n',
    })
    expect(pressure()).toEqual({
      cores: 8,
      load: 3.5,
      cpuSome: 5.6,
      throttled: null,
      memorySome: 37.94,
      memoryFull: 24.08,
      ioFull: 71.5,
      memory: { totalMiB: 16303428 / 1024, availableMiB: 1024 },
    })
  })

  it('is that of the tightest group, and of what waits in the own one', () => {
    const mib = (count: number) => `${count * 1024 ** 2}\n`
    put({
      'proc/pressure/memory': memoryStall,
      'proc/meminfo': meminfo,
      'proc/self/cgroup': '0::/box/mayfly\n',
      'sys/fs/cgroup/box/memory.max': mib(512),
      'sys/fs/cgroup/box/memory.current': mib(400),
      'sys/fs/cgroup/box/mayfly/memory.max': mib(900),
      'sys/fs/cgroup/box/mayfly/memory.current': mib(300),
      'sys/fs/cgroup/box/mayfly/memory.pressure':
        'some avg10=1.5 avg60=0 avg300=0 total=1\nfull avg10=0 avg60=0 avg300=0 total=1\n',
      'sys/fs/cgroup/box/cpu.max': '200000 100000\n',
      'sys/fs/cgroup/box/mayfly/cpu.max': 'max 100000\n',
      'sys/fs/cgroup/box/mayfly/cpu.pressure':
        'some avg10=99 avg60=98 avg300=9 total=1\nfull avg10=60 avg60=75.25 avg300=9 total=1\n',
    })
    expect(pressure()).toMatchObject({
      memory: { totalMiB: 512, availableMiB: 112 },
      memorySome: 1.5,
      memoryFull: 24.08,
      throttled: 75.25,
    })
  })

  it('is not known where there is nothing to read, or what is there cannot be read', () => {
    mkdirSync(join(root, 'proc/meminfo'), { recursive: true })
    const nothing = { cpuSome: null, throttled: null, memorySome: null, memoryFull: null, ioFull: null, memory: null }
    expect(pressure()).toEqual({ cores: 8, load: 3.5, ...nothing })
  })
})

describe('the pressure of this machine', () => {
  it('is read within a moment, and holds together', () => {
    const read = machinePressure()
    const { cores, memory, cpuSome } = read()
    expect(cores).toBeGreaterThan(0)
    if (memory) expect(memory.availableMiB).toBeLessThanOrEqual(memory.totalMiB)
    expect(cpuSome ?? 0).toBeLessThanOrEqual(100)
  })
})
