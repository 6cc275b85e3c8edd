import { expect, test } from 'vitest'
import { Gate } from '../../src/schedule/gate.ts'

const at = (time: string) => Date.parse(`2026-03-02T${time}:00Z`)
const night = { from: '22:00', to: '06:00', atEnd: 'preempt' } as const
const noon = { from: '12:00', to: '13:00' } as const

test('a gate ends what runs when a window closes that says so, and not when another does', () => {
  const gate = new Gate([night, noon], 'UTC', at('05:00'))
  expect(gate.isOpen).toBe(true)
  expect(gate.look(at('06:00'))).toBe(true)
  expect(gate.endsRuns).toBe(true)
  expect(gate.look(at('12:00'))).toBe(true)
  expect(gate.look(at('13:00'))).toBe(true)
  expect([gate.isOpen, gate.endsRuns]).toEqual([false, false])
})

test('of windows that close at once, one that says so is enough', () => {
  const gate = new Gate([noon, { ...noon, from: '12:30', atEnd: 'preempt' }], 'UTC', at('12:00'))
  expect(gate.look(at('13:00'))).toBe(true)
  expect(gate.endsRuns).toBe(true)
})

test('a window that closes inside of another ends nothing: the gate stays open', () => {
  const gate = new Gate(
    [
      { ...noon, atEnd: 'preempt' },
      { from: '12:30', to: '14:00' },
    ],
    'UTC',
    at('12:00'),
  )
  expect(gate.look(at('13:00'))).toBe(false)
  expect(gate.look(at('14:00'))).toBe(true)
  expect(gate.endsRuns).toBe(false)
})
