import { afterEach, describe, expect, it, vi } from 'vitest'
import { newTaskId } from '../../src/system/ids.ts'

const many = 10_000

afterEach(() => {
  vi.useRealTimers()
})

describe('the id of a task', () => {
  it('is a UUID of version 7 that carries its time', () => {
    const before = Date.now()
    const id = newTaskId()
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(timeOf(id)).toBeGreaterThanOrEqual(before)
    expect(timeOf(id)).toBeLessThanOrEqual(Date.now() + 1)
  })

  it('comes after every earlier one, also after thousands of the same millisecond', () => {
    vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ['Date'] })
    const ids = Array.from({ length: many }, newTaskId)
    expect(ids).toEqual([...new Set(ids)].toSorted())
  })

  it('comes after every earlier one when the clock was set back', () => {
    vi.useFakeTimers({ now: Date.now() + 120_000, toFake: ['Date'] })
    const earlier = newTaskId()
    vi.setSystemTime(Date.now() - 60_000)
    expect(newTaskId() > earlier).toBe(true)
  })
})

function timeOf(id: string): number {
  return Number.parseInt(id.replace('-', '').slice(0, 12), 16)
}
