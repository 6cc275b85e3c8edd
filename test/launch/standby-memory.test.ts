import { expect, it } from 'vitest'
import { StandbyMemory } from '../../src/launch/standby-memory.ts'
import type { Worker } from '../../src/process/worker.ts'

const terms = { most: 100, mostMiB: 200, reserveMiB: 100 }
const limits = { memoryMiB: 512, workspaceMiB: 1, workspace: 'disk', fileMiB: 1, openFiles: 64, processes: 8 } as const
const plain = { ...limits, preload: [], network: 'host', mounts: [], isLean: false } as const
const heavy = { ...plain, preload: ['file:///heavy.js'] }
/** Only a name: the looks of this test know what it takes. */
const worker = (MiB: number) => ({ MiB }) as unknown as Worker

function start() {
  const machine = { now: 0, availableMiB: 10_000, looks: 0, measured: 0 }
  const memory = new StandbyMemory(
    terms,
    {
      availableMiB: () => {
        machine.looks++
        return machine.availableMiB
      },
      ofOneMiB: (one) => {
        machine.measured++
        return (one as unknown as { MiB: number }).MiB
      },
    },
    { monotonic: () => machine.now },
  )
  return { machine, memory }
}

it('counts with what the machine had to spare within the last second', () => {
  const { machine, memory } = start()
  memory.isUp(plain, worker(10))
  expect(memory.ceiling([])).toBe(20)
  machine.availableMiB = 150
  machine.now = 999
  expect(memory.ceiling([])).toBe(20)
  expect(machine.looks).toBe(1)
  machine.now = 1_000
  expect(memory.ceiling([])).toBe(5)
})

it('measures one worker of a profile in a minute, and takes the others for like it', () => {
  const { machine, memory } = start()
  memory.isUp(plain, worker(10))
  memory.isUp(heavy, worker(50))
  expect(memory.ceiling([])).toBe(4)
  memory.isUp(plain, worker(20))
  expect(memory.ceiling([])).toBe(20)
  expect(machine.measured).toBe(2)
  machine.now = 60_000
  memory.isUp(plain, worker(20))
  expect(memory.ceiling([])).toBe(10)
})

it('counts each that stands by with what its like took, and one more with the most of these', () => {
  const { memory } = start()
  memory.isUp(heavy, worker(50))
  memory.isUp(plain, worker(10))
  expect(memory.ceiling([])).toBe(20)
  expect(memory.ceiling([heavy, plain])).toBe(2 + Math.floor((200 - 60) / 50))
  expect(memory.ceiling([heavy, heavy, heavy])).toBe(4)
  expect(memory.ceiling([heavy, heavy, heavy, heavy, plain])).toBe(4)
})
