import { beforeEach, describe, expect, it } from 'vitest'
import { Pace } from '../src/pace.ts'
import { systemClock } from '../src/system/clock.ts'

const now = 1_700_000_000_000
const nextAt = now + 5_000

describe('the pace', () => {
  let turns: number
  let ring: (() => void) | undefined
  let pace: Pace

  const soon = () => new Promise((resolve) => setImmediate(resolve))

  beforeEach(async () => {
    turns = 0
    const after = (_: number, call: () => void) => {
      ring = call
      return () => (ring = undefined)
    }
    pace = new Pace({ ...systemClock, now: () => now, after }, () => {
      turns++
      return nextAt
    })
    pace.begin()
    await soon()
  })

  it('takes one turn for however many reasons, and the next when its time has come', async () => {
    for (let reason = 0; reason < 3; reason++) pace.wake()
    await soon()
    expect(turns).toBe(2)
    ring?.()
    await soon()
    expect(turns).toBe(3)
  })

  it('takes none for what will be due after the next, and one for what is before', async () => {
    for (const at of [nextAt, nextAt + 1, Number.POSITIVE_INFINITY]) pace.wakeBy(at)
    await soon()
    expect(turns).toBe(1)
    pace.wakeBy(nextAt - 1)
    await soon()
    expect(turns).toBe(2)
  })

  it('takes one for anything when none would come by itself', async () => {
    pace.rest()
    pace.wakeBy(nextAt + 1)
    await soon()
    expect([turns, ring]).toEqual([2, undefined])
  })
})
