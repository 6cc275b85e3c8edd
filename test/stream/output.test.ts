import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectGarbage } from '../../src/system/memory.ts'
import { expectAftermath } from '../fixtures/aftermath.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

const MiB = 1024 * 1024

describe('what a task prints', () => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    mayfly = await startMayfly({ config: { kinds: [children('common'), children('output')], sharedSlots: 1 } })
  })

  afterAll(() => mayfly.remove())

  async function print(...pieces: (string | number[])[]): Promise<string[]> {
    const input = { pieces: pieces.map((piece) => Buffer.from(piece as string).toString('base64')) }
    const task = await mayfly.run({ kind: 'print', input })
    expect(task).toMatchObject({ state: 'succeeded' })
    return mayfly.texts(task.id, 'stdout')
  }

  it('comes line by line', async () => {
    expect(await print('one\ntwo\n', '\nfour\n')).toEqual(['one', 'two', '', 'four'])
  })

  it('may lack its last newline', async () => {
    expect(await print('one\ntwo')).toEqual(['one', 'two'])
  })

  it('may end its lines as Windows does, even between two writes', async () => {
    expect(await print('one\r\ntwo\r', '\nthree\r\n')).toEqual(['one', 'two', 'three'])
  })

  it('may be no UTF-8', async () => {
    expect(await print([0x61, 0xff, 0xc3, 0x0a, 0x62])).toEqual(['a\ufffd\ufffd', 'b'])
  })

  it('may split a character over two writes', async () => {
    expect(await print([0x61, 0xf0, 0x9f], [0xa6, 0x8b, 0x0a])).toEqual(['a🦋'])
  })

  it.each([true, false])('is whole, however much, when it leaves at once (exit: %s)', async (exit) => {
    const lines = 40_000
    const task = await mayfly.run({ kind: 'print-much', input: { lines, exit } })
    expect(task.state).toBe(exit ? 'failed' : 'succeeded')
    const text = await (await mayfly.call('GET', `/tasks/${task.id}/log`)).text()
    const numbers = text.split('\n').flatMap((line) => (line.endsWith('.') ? Number(line.split(' ', 1)[0]) : []))
    expect(numbers).toHaveLength(lines)
    expect(numbers.every((number, at) => number === at)).toBe(true)
    expect(text).toContain('the end')
  })

  it.each(['y', '', 'x'.repeat(100_000)])(
    'is cut at its limit, and the orchestrator stays well (lines of %.8s)',
    async (line) => {
      collectGarbage()
      const before = process.memoryUsage().rss
      const { id } = await mayfly.submit({ kind: 'flood', input: { line }, limits: { outputMiB: 8 } })
      const task = await mayfly.settled(id)
      expect(task).toMatchObject({ state: 'failed', outcome: 'stopped', error: { code: 'OUTPUT_LIMIT' } })
      expect(task.error?.details).toEqual({ limit: 'outputMiB', reached: expect.any(Number), allowed: 8 })
      expect(task.error?.details?.reached).toBeGreaterThanOrEqual(8)
      expect((task.error?.lastOutput ?? '').length).toBeLessThanOrEqual(4096)
      // Else how much garbage a busy machine has not collected yet counts, too.
      collectGarbage()
      expect(process.memoryUsage().rss - before).toBeLessThan(64 * MiB)
      await expectAftermath(mayfly, id)
    },
  )

  it('does not keep the orchestrator from answering', async () => {
    const { id } = await mayfly.submit({ kind: 'flood', input: { line: 'y' }, limits: { outputMiB: 16 } })
    await mayfly.untilType(id, 'task.log')
    let slowestMs = 0
    for (let task = await mayfly.task(id); task.state === 'running'; task = await mayfly.task(id)) {
      const asked = process.threadCpuUsage()
      await mayfly.call('GET', `/tasks/${id}`)
      // Of CPU, because how long the machine does other things is not our figure.
      const { user, system } = process.threadCpuUsage(asked)
      slowestMs = Math.max(slowestMs, (user + system) / 1_000)
    }
    expect(slowestMs).toBeLessThan(2_000)
    await mayfly.settled(id)
    await expectAftermath(mayfly, id)
  })

  it('is limited together with what it reports', async () => {
    const task = await mayfly.run({ kind: 'flood-reports', limits: { outputMiB: 1 } })
    expect(task).toMatchObject({ state: 'failed', outcome: 'stopped', error: { code: 'OUTPUT_LIMIT' } })
    expect(task.error?.details).toEqual({ limit: 'outputMiB', reached: expect.any(Number), allowed: 1 })
    const bytes = (await mayfly.texts(task.id)).reduce((sum, text) => sum + text.length, 0)
    expect(bytes).toBeLessThanOrEqual(MiB)
    await expectAftermath(mayfly, task.id)
  })

  it('stands in the log with what it reports, each as what it is', async () => {
    const task = await mayfly.run({ kind: 'chat' })
    expect(task).toMatchObject({
      state: 'succeeded',
      result: 'said',
      progress: { phase: 'half', percent: 50, done: 1 },
    })
    const said = (await mayfly.events(task.id)).slice(3, -1).map(({ type, data }) => ({ type, data }))
    expect(said).toEqual([
      { type: 'task.log', data: { stream: 'log', level: 'warn', text: 'careful', fields: { why: ['because'] } } },
      {
        type: 'task.progress',
        data: { phase: 'half', percent: 50, done: 1, total: 2, unit: 'things', message: 'so far' },
      },
      { type: 'task.log', data: { stream: 'log', level: 'warn', text: expect.stringContaining('left out') } },
      { type: 'task.checkpoint', data: {} },
      { type: 'task.checkpoint', data: {} },
      { type: 'task.checkpoint', data: {} },
    ])
  })
})
