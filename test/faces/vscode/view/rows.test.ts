import { describe, expect, it } from 'vitest'
import { inView } from '../../../../src/faces/vscode/view/model.ts'
import { type Row, rowsOf } from '../../../../src/faces/vscode/view/rows.ts'
import { task } from '../fixtures/tasks.ts'

const rowsFor = (...said: Parameters<typeof task>[]) =>
  rowsOf(
    said.map(([one]) => inView(task(one))),
    0,
  )
const texts = ({ label, description }: Row) => `${label} | ${description}`

describe('the rows of the tasks view', () => {
  it('are the pools in their order, with what there is to do in each', () => {
    const rows = rowsFor([{ state: 'running' }], [{ id: 'b', pool: 'batch' }], [{ id: 'c', pool: 'batch' }])
    expect(rows.map(texts)).toEqual(['critical | 1 running', 'normal | idle', 'batch | 2 queued'])
  })

  it('show first what runs, then what waits, the oldest first, then what has ended, the latest first', () => {
    const ended = { state: 'succeeded' as const, startedAt: '2026-01-01T00:00:00Z' }
    const [critical] = rowsFor(
      [{ ...ended, id: '1', settledAt: '2026-01-01T00:00:02Z' }],
      [{ ...ended, id: '2', settledAt: '2026-01-01T00:00:03Z' }],
      [{ id: '4', state: 'queued' }],
      [{ id: '3', state: 'queued' }],
      [{ id: '5', state: 'running', progress: { phase: 'linting', percent: 45.6, done: 9, total: 20, unit: 'files' } }],
    )
    expect(critical?.children.map(texts)).toEqual([
      'lint …5 | 45% · 9/20 files · linting',
      'lint …3 | queued',
      'lint …4 | queued',
      'lint …2 | succeeded · in 3.0 s',
      'lint …1 | succeeded · in 2.0 s',
    ])
    expect(critical?.children.map(({ context }) => context)).toEqual([
      'running',
      'queued',
      'queued',
      'settled',
      'settled',
    ])
  })

  it('say why a task failed, harmlessly', () => {
    const error = { code: 'TASK_FAILED', message: '\u001b[31mno\nway', retryable: false }
    const [critical] = rowsFor([{ state: 'failed', error }])
    expect(critical?.children[0]).toMatchObject({ description: 'failed · no way (TASK_FAILED)', icon: 'error' })
  })

  it('are no more than somebody reads: the rest is counted', () => {
    const many = Array.from({ length: 70 }, (_, at): Parameters<typeof task> => [{ id: String(at), state: 'queued' }])
    const [critical] = rowsFor(...many)
    expect(critical?.children).toHaveLength(51)
    expect(critical?.children.at(-1)).toMatchObject({ label: '… and 20 more queued', context: 'more' })
  })
})
