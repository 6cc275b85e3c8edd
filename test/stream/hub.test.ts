import { describe, expect, test } from 'vitest'
import { Hub } from '../../src/stream/hub.ts'
import { cpuOfPass } from '../fixtures/cpu.ts'

describe('a hub', () => {
  test('takes no longer for a task that is listened to again and again beside a hundred thousand others', () => {
    const costOf = (others: number): number => {
      const hub = new Hub()
      for (let at = 0; at < others; at++) hub.listen(`${at}`, () => {})
      return cpuOfPass(30_000, () => hub.listen('polled', () => {})())
    }
    costOf(0)
    // With a map it took 100 µs, and 0.2 alone.
    expect(costOf(100_000)).toBeLessThan(10 * costOf(0) + 3)
  })
})
