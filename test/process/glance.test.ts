import { describe, expect, it } from 'vitest'
import { busyOther, doingOf } from '../../src/process/glance.ts'

const coreTime = (ranSeconds: number, wantedSeconds = ranSeconds) => ({ ranSeconds, wantedSeconds })
const others = new Map([[process.pid, coreTime(1)]])
const before = { state: 'R', cpuSeconds: 1, firstThread: coreTime(1), others, at: 1_000 }

describe('what a process does', () => {
  it.each([
    [{ state: 'R', cpuSeconds: 2, firstThread: coreTime(2) }, 'spinning', 1],
    [{ state: 'R', cpuSeconds: 1.03, firstThread: coreTime(1.03, 1.9) }, 'spinning', 0.03],
    [{ state: 'R', cpuSeconds: 1, firstThread: coreTime(1.001, 1.9) }, 'waiting', 0],
    [{ state: 'S', cpuSeconds: 1.9, firstThread: coreTime(1.9) }, 'spinning', 0.9],
    [{ state: 'S', cpuSeconds: 1, firstThread: coreTime(1) }, 'waiting', 0],
    [{ state: 'R', cpuSeconds: 1.01, firstThread: coreTime(1.01) }, 'waiting', 0.01],
    [{ state: 'D', cpuSeconds: 1, firstThread: coreTime(1) }, 'waiting for a disk', 0],
    [{ state: 'T', cpuSeconds: 1, firstThread: coreTime(1) }, 'stopped', 0],
    [{ state: 't', cpuSeconds: 2, firstThread: coreTime(2) }, 'stopped', 1],
    [{ state: 'Z', cpuSeconds: 1, firstThread: coreTime(1) }, 'zombie', 0],
    [{ state: '', cpuSeconds: 0, firstThread: coreTime(0) }, 'gone', -1],
  ] as const)('%j is called %s', (after, doing, cpuShare) => {
    expect(doingOf(before, { ...after, others, at: 2_000 })).toEqual({ doing, cpuShare })
  })
})

it('a process of its tree that computes all the time is named by its program', () => {
  const after = (ran: number, wanted: number) => {
    return { ...before, others: new Map([[process.pid, coreTime(ran, wanted)]]), at: 2_000 }
  }
  expect(busyOther(before, after(1.03, 1.9))).toMatch(/^node/)
  expect(busyOther(before, after(1.1, 1.1))).toBeUndefined()
  expect(busyOther(before, after(1.001, 1.9))).toBeUndefined()
})
