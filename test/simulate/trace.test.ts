import { describe, expect, test } from 'vitest'
import { readTrace } from '../../src/simulate/trace.ts'

const task = { at: '2030-01-01T00:00:00Z', tenant: 'acme', kind: 'lint', pool: 'normal', seconds: 3 }

async function* linesOf(...lines: readonly unknown[]) {
  for (const line of lines) yield typeof line === 'string' ? line : JSON.stringify(line)
}

const read = (...lines: readonly unknown[]) => readTrace('trace.jsonl', linesOf(...lines))

describe('a trace', () => {
  test('is brought into the order of its times, whatever the order of its lines', async () => {
    const times = ['2030-01-01T00:00:05Z', '2030-01-01T00:00:01+00:00', '2030-01-01T01:00:03+01:00']
    const arrivals = await read(...times.map((at) => ({ ...task, at })), '')
    expect(arrivals.map(({ at }) => new Date(at).getUTCSeconds())).toEqual([1, 3, 5])
    expect(arrivals[0]).toMatchObject({ tenant: 'acme', seconds: 3, priority: 0, key: null, checkpointSeconds: null })
  })

  test.each([
    { what: 'no JSON', line: '{"at"', says: 'line 2 of trace.jsonl is not JSON' },
    { what: 'a pool that there is not', line: { ...task, pool: 'huge' }, says: 'line 2 of trace.jsonl: pool must be' },
    {
      what: 'a time without its offset',
      line: { ...task, at: '2030-01-01T00:00:00' },
      says: 'line 2 of trace.jsonl: at',
    },
    { what: 'a task without its length', line: { ...task, seconds: undefined }, says: 'seconds' },
    { what: 'a negative length', line: { ...task, seconds: -1 }, says: 'seconds' },
    { what: 'a word that means nothing', line: { ...task, weight: 3 }, says: 'weight' },
  ])('with $what is refused, and says where', async ({ line, says }) => {
    await expect(read(task, line)).rejects.toThrow(says)
  })

  test('that is empty says so', async () => {
    await expect(read('', ' ')).rejects.toThrow('trace.jsonl holds no task')
  })
})
