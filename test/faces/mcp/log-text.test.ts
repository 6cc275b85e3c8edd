import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Mayfly } from '../../../src/client/client.ts'
import type { ContractTask } from '../../../src/contract/task.ts'
import { headOf, tailOf } from '../../../src/faces/mcp/log-text.ts'
import { children, startMayfly, type TestMayfly } from '../../fixtures/mayfly.ts'

const most = 32 * 1024
const lines = 40_000

let server: TestMayfly
let call: { client: Mayfly; signal: AbortSignal }
beforeAll(async () => {
  server = await startMayfly({ config: { kinds: [children('common')] } })
  call = { client: new Mayfly(server), signal: new AbortController().signal }
})
afterAll(() => server.remove())

const exec = (script: string): Promise<ContractTask> =>
  server.run({ kind: 'exec', input: { command: ['sh', '-c', script] } })

const numbers = (from: number, upTo: number) =>
  Array.from({ length: upTo - from + 1 }, (_, at) => `${from + at}\n`).join('')

describe('a long log', () => {
  let task: ContractTask
  beforeAll(async () => {
    task = await exec(`seq 1 ${lines}`)
  })

  it('is shown by its end, with a note that says where the rest is', async () => {
    const { text, note, lastSeq } = await tailOf(task, call)
    expect(text.length).toBeGreaterThan(most / 2)
    expect(text.length).toBeLessThanOrEqual(most)
    expect(numbers(1, lines).endsWith(text)).toBe(true)
    expect(lastSeq).toBe(task.lastSeq)
    expect(note).toContain(`ask with after 0 for its beginning; GET /v1/tasks/${task.id}/log has all of it`)
  })

  it('is whole when it is asked for from its beginning, part by part, each as long as there is room for', async () => {
    let whole = ''
    let parts = 0
    for (let after = 0; after < task.lastSeq; parts++) {
      const { text, lastSeq, note } = await headOf(task, after, call)
      expect(text.length).toBeLessThanOrEqual(most)
      if (lastSeq < task.lastSeq) expect(note).toContain(`ask with after ${lastSeq}`)
      else expect(note).toContain('this is all')
      whole += text
      after = lastSeq
    }
    expect(whole).toBe(numbers(1, lines))
    expect(parts).toBeGreaterThan(5)
  })
})

it('a short log is shown whole, without what only a terminal understands', async () => {
  const task = await exec(`printf '\\033[31mred\\033[0m\\n\\033]0;title\\007done'`)
  expect(await tailOf(task, call)).toMatchObject({ text: 'red\ndone\n', note: 'this is all that it has said so far' })
  const nothing = await exec('true')
  expect(await tailOf(nothing, call)).toMatchObject({ text: '' })
  expect(await headOf(nothing, 10_000, call)).toMatchObject({ text: '', lastSeq: 10_000 })
})
