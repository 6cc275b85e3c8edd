import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ContractEvent } from '../../../src/contract/event.ts'
import { table } from '../../../src/faces/cli/output.ts'
import { barOf } from '../../../src/faces/cli/show/bar.ts'
import { next, type Seen, seenAtFirst } from '../../../src/faces/cli/show/seen.ts'
import { sentenceOf } from '../../../src/faces/cli/show/sentence.ts'
import { cut, pad, widthOf } from '../../../src/faces/cli/width.ts'
import { duration, size } from '../../../src/faces/cli/words.ts'

describe('widths', () => {
  it('count columns, not characters', () => {
    expect([widthOf('abc'), widthOf('漢字'), widthOf('e\u0301'), widthOf('🎉')]).toEqual([3, 4, 1, 2])
  })

  it('are never exceeded by what is cut, and always reached by what is padded', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '漢', '🎉', 'e\u0301') })
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 40 }), (text, columns) => {
        expect(widthOf(cut(text, columns))).toBeLessThanOrEqual(columns)
        expect(widthOf(pad(text, columns))).toBeGreaterThanOrEqual(columns)
      }),
    )
  })
})

describe('a bar', () => {
  const running: Seen = { ...seenAtFirst({ id: 'x'.repeat(36), kind: 'exec' }), state: 'running', startedAt: 0 }

  it('is as full as the task says', () => {
    expect(barOf({ ...running, percent: 50, count: '3/6 files', phase: 'linting' }, 100, 2_000)).toBe(
      `exec …xxxxxx             ${'█'.repeat(10)}${'░'.repeat(10)} 50%  3/6 files  linting  2.0 s`,
    )
  })

  it('fits the terminal, and stays one line, whatever the task says', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 120 }), (phase, columns) => {
        const bar = barOf({ ...running, phase }, columns, 1_000)
        expect(widthOf(bar)).toBeLessThanOrEqual(columns)
        expect(bar).not.toMatch(/[\n\r\t]/)
      }),
    )
  })

  it('begins again when the task is tried again', () => {
    const event = { seq: 1, at: new Date(0).toISOString(), attempt: 1 }
    const half = next(running, {
      ...event,
      type: 'task.progress',
      data: { phase: 'p', percent: 50, done: 1, total: 2 },
    })
    expect(half).toMatchObject({ phase: 'p', percent: 50, count: '1/2' })
    expect(next(half, { ...event, type: 'task.requeued', data: {} })).toMatchObject({
      state: 'queued',
      percent: null,
      count: '',
    })
  })
})

describe('a sentence of an event', () => {
  const event = { seq: 1, at: new Date(5_000).toISOString(), attempt: 1 }
  const told = (
    data: object,
    type: ContractEvent['type'],
    seen = seenAtFirst({ id: 'x'.repeat(36), kind: 'exec' }),
  ) => {
    const after = next(seen, { ...event, type, data: { ...data } })
    return { sentence: sentenceOf({ ...event, type, data: { ...data } }, after), after }
  }

  it('tells a task that undoes what it began from one that is tried again', () => {
    const error = { code: 'VALIDATION', message: 'no such field' }
    const { sentence, after } = told({ cause: 'cleanup', error }, 'task.requeued')
    expect(sentence).toBe('cleans up before it ends: no such field (VALIDATION)')
    expect(told({}, 'task.started', after)).toMatchObject({ sentence: undefined, after: { phase: 'cleaning up' } })
    expect(told({ outcome: 'failed', error }, 'task.cleanup', after).sentence).toMatch(/^could not clean up: no such/)
    expect(told({ cause: 'preempted', reason: 'x' }, 'task.requeued').sentence).toBe('queued again: x')
  })

  it('counts the time of a task from its first attempt on', () => {
    const { after } = told({}, 'task.started')
    const second = next(after, { ...event, at: new Date(9_000).toISOString(), type: 'task.started', data: {} })
    expect(second.startedAt).toBe(5_000)
  })

  it('says what came of a task, of long lists only how long they are and where they can be seen', () => {
    expect(told({ result: { rows: 5 } }, 'task.succeeded').sentence).toBe('succeeded: {"rows":5}')
    const long = { statuses: { error: 1 }, orgs: Array.from({ length: 300 }, () => 'org') }
    expect(told({ result: long }, 'task.succeeded').sentence).toBe(
      `succeeded: {"statuses":{"error":1},"orgs":"300 entries"}, all of it by mayfly show ${'x'.repeat(36)} --json`,
    )
  })
})

describe('small words', () => {
  it.each([
    [0, '0.0 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min 0 s'],
    [125_000, '2 min 5 s'],
    [7_260_000, '2 h 1 min'],
  ])('%i ms are %s', (milliseconds, words) => expect(duration(milliseconds)).toBe(words))

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [5 * 1024 ** 3, '5 GiB'],
  ])('%i bytes are %s', (bytes, words) => expect(size(bytes)).toBe(words))

  it('a table has columns as wide as they must be', () => {
    expect(
      table(
        ['A', 'B'],
        [
          ['long', 1],
          ['x', null],
        ],
      ),
    ).toBe('A     B\nlong  1\nx     –')
  })
})
