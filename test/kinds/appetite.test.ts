import { expect, it } from 'vitest'
import { Appetite } from '../../src/kinds/appetite.ts'

const much = 40

function after(builtins: number, ...tasks: readonly number[]): boolean {
  const appetite = new Appetite(builtins)
  for (const task of tasks) appetite.note(task)
  return appetite.isLean
}

it('is lean when the module and the tasks have little loaded', () => {
  expect(after(0)).toBe(true)
  expect(after(1, 0, 2, 15)).toBe(true)
})

it('is not lean when the module has much loaded, or nobody knows', () => {
  expect(after(much)).toBe(false)
  expect(after(much, 0, 0, 0)).toBe(false)
  expect(after(Number.POSITIVE_INFINITY)).toBe(false)
})

it('is not lean any more when tasks have much loaded, but for one now and then', () => {
  expect(after(0, 0, 0, much, much)).toBe(false)
  expect(after(0, much, 0, much, 0, much)).toBe(true)
})

it('is lean again when its tasks are, some time later', () => {
  const hungry = Array.from({ length: 100 }, () => much)
  const lean = Array.from({ length: 7 }, () => 0)
  expect(after(0, ...hungry, ...lean.slice(1))).toBe(false)
  expect(after(0, ...hungry, ...lean)).toBe(true)
})
