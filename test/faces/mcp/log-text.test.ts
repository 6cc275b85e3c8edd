import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Mayfly } from '../../../src/client/client.ts'
import type { ContractTask } from '../../../src/contract/task.ts'
import { headOf, tailOf } from '../../../src/faces/mcp/log-text.ts'
import { type Edge, startEdge, tokens } from '../../http/fixtures/edge.ts'

const most = 32 * 1024

let edge: Edge
let call: { client: Mayfly; signal: AbortSignal }
beforeAll(async () => {
  edge = await startEdge()
  call = { client: new Mayfly({ url: edge.url, token: tokens.acme }), signal: new AbortController().signal }
})
afterAll(() => edge.stop())

/** A task that has said this. */
async function taskThatSaid(texts: readonly string[]): Promise<ContractTask> {
  const { id } = await call.client.submit({ kind: 'exec', input: {} })
  if (texts.length > 0) await edge.emit(id, ...texts.map((text) => ({ stream: 'stdout', text })))
  return call.client.get(id)
}

describe('a long log', () => {
  const lines = Array.from({ length: 5_000 }, (_, at) => `${at} ${'.'.repeat(30)}\n`)
  let task: ContractTask
  beforeAll(async () => {
    task = await taskThatSaid(lines)
  })

  it('is shown by its end, with a note that says where the rest is', async () => {
    const { text, note, lastSeq } = await tailOf(task, call)
    expect(text.length).toBeGreaterThan(most / 2)
    expect(text.length).toBeLessThanOrEqual(most)
    expect(lines.join('').endsWith(text)).toBe(true)
    expect(lastSeq).toBe(task.lastSeq)
    expect(note).toContain(`ask with after 0 for its beginning; GET /v1/tasks/${task.id}/log has all of it`)
  })

  it('is whole when it is asked for from its beginning, part by part, each as long as there is room for', async () => {
    let whole = ''
    let parts = 0
    for (let after = 0; after < task.lastSeq; parts++) {
      const { text, lastSeq, note } = await headOf(task, after, call)
      expect(text.length).toBeLessThanOrEqual(most)
      expect(note).toContain(lastSeq < task.lastSeq ? `ask with after ${lastSeq}` : 'this is all')
      whole += text
      after = lastSeq
    }
    expect(whole).toBe(lines.join(''))
    expect(parts).toBe(Math.ceil(whole.length / most))
  })
})

it('a short log is shown whole, without what only a terminal understands', async () => {
  const task = await taskThatSaid(['\u001b[31mred\u001b[0m\n', '\u001b]0;title\u0007done'])
  expect(await tailOf(task, call)).toMatchObject({ text: 'red\ndone\n', note: 'this is all that it has said so far' })
  const nothing = await taskThatSaid([])
  expect(await tailOf(nothing, call)).toMatchObject({ text: '' })
  expect(await headOf(nothing, 10_000, call)).toMatchObject({ text: '', lastSeq: 10_000 })
})

it('a line that is longer than there is room for is cut, and what comes after it is not lost', async () => {
  const task = await taskThatSaid([`${'x'.repeat(2 * most)}end\n`, 'last\n'])
  const tail = await tailOf(task, call)
  expect([tail.text.length, tail.text.endsWith('xend\nlast\n')]).toEqual([most, true])
  const head = await headOf(task, 0, call)
  expect(head).toMatchObject({
    text: 'x'.repeat(most),
    lastSeq: 2,
    note: expect.stringContaining('was cut: ask with after 2'),
  })
  expect(await headOf(task, head.lastSeq, call)).toMatchObject({ text: 'last\n', lastSeq: 3 })
})
