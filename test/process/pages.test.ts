import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { heldParts } from '../../src/process/pages.ts'
import { formsOf, tracesInMemory } from '../../src/process/traces.ts'

const MiB = 1024 * 1024

it.skipIf(process.platform !== 'linux')('what a process holds is found, without what it has never touched', () => {
  const canary = randomBytes(32)
  const untouched = new ArrayBuffer(512 * MiB)
  const { hits, bytes } = tracesInMemory(process.pid, formsOf(canary))
  expect(hits).toBeGreaterThan(0)
  expect(bytes).toBeGreaterThan(MiB)
  expect(bytes).toBeLessThan(untouched.byteLength)
})

it('of a process of which nothing is told, all is looked at', () => {
  const regions = [{ start: 0, end: 4 * MiB }]
  expect(heldParts(2 ** 30, regions)).toEqual(regions)
})
