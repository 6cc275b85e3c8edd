import { expect, it } from 'vitest'
import { Breaker, restAfter } from '../../src/launch/breaker.ts'
import type { LaunchProfile } from '../../src/launch/profile.ts'

const fixed = { workspaceMiB: 1, workspace: 'disk', fileMiB: 1, openFiles: 64, processes: 8 } as const
const profile = (memoryMiB: number): LaunchProfile => {
  return { memoryMiB, ...fixed, preload: [], network: 'host', mounts: [], isLean: false }
}
const [bad, good] = [profile(1), profile(2)]

it('a profile that fails rests ever longer, and no other does', () => {
  const breaker = new Breaker()
  expect([1, 2, 3, 4].map(() => breaker.failed(bad, 1_000))).toEqual([false, false, true, false])
  expect(breaker.restMs(bad, 1_000)).toBe(800)
  expect(breaker.restMs(bad, 1_500)).toBe(300)
  expect(breaker.restMs(bad, 1_800)).toBe(0)
  expect(breaker.restMs(good, 1_000)).toBe(0)
  expect([breaker.isFailing(bad, 1_800), breaker.isFailing(good, 1_800)]).toEqual([true, false])
  expect(breaker.areFailing(1_800)).toBe(true)
})

it('one that works again is as good as any other', () => {
  const breaker = new Breaker()
  for (let at = 0; at < 5; at++) breaker.failed(bad, at)
  breaker.worked(bad)
  expect([breaker.restMs(bad, 5), breaker.isFailing(bad, 5), breaker.areFailing(5)]).toEqual([0, false, false])
})

it('failures that are long past count no more', () => {
  const breaker = new Breaker()
  for (let at = 0; at < 5; at++) breaker.failed(bad, at)
  const later = 10 * 60_000 + 5
  expect([breaker.isFailing(bad, later), breaker.areFailing(later)]).toEqual([false, false])
  breaker.failed(bad, later)
  expect(breaker.restMs(bad, later)).toBe(100)
})

it('of very many that fail only the newest are remembered', () => {
  const breaker = new Breaker()
  for (let memoryMiB = 1; memoryMiB <= 100; memoryMiB++) breaker.failed(profile(memoryMiB), 0)
  expect([breaker.restMs(profile(1), 0), breaker.restMs(profile(100), 0)]).toEqual([0, 100])
})

it('the rest after failures doubles, up to a minute', () => {
  expect([0, 1, 2, 3, 9, 10, 11, 12, 2_000].map(restAfter)).toEqual([
    0, 100, 200, 400, 25_600, 51_200, 60_000, 60_000, 60_000,
  ])
})
