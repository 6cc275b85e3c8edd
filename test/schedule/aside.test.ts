import { expect, test } from 'vitest'
import { Aside } from '../../src/schedule/aside.ts'
import { waiting } from './fixture.ts'

test('what is too large is taken, and given back as soon as it fits', () => {
  let mostMiB = 300
  const aside = new Aside(({ memoryMiB }) => memoryMiB <= mostMiB)
  const taken = [512, 256, 1_024].map((memoryMiB) => aside.take(waiting(`of ${memoryMiB}`, { memoryMiB })))
  expect([taken, aside.size, aside.has('of 512'), aside.has('of 256')]).toEqual([[true, false, true], 2, true, false])
  expect(aside.giveBack()).toEqual([])
  mostMiB = 600
  expect(aside.giveBack().map(({ id }) => id)).toEqual(['of 512'])
  aside.delete('of 1024')
  expect(aside.size).toBe(0)
})

test('of very many only some are taken', () => {
  const aside = new Aside(() => false)
  for (let at = 0; at < 2_000; at += 1) aside.take(waiting(`t${at}`))
  expect(aside.size).toBe(1_024)
})
