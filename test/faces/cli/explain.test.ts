import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Explanation } from '../../../src/contract/explanation.ts'
import { explained } from '../../../src/faces/cli/show/explained.ts'
import { startMayfly, type TestMayfly } from '../../fixtures/mayfly.ts'
import { mayfly as program } from './fixtures/cli.ts'

let server: TestMayfly

beforeAll(async () => {
  server = await startMayfly()
})

afterAll(() => server.remove())

const explain = (...args: readonly string[]) =>
  program(['explain', ...args], { env: { MAYFLY_URL: server.url, MAYFLY_TOKEN: server.token } })

const waiting: Explanation = {
  state: 'queued',
  position: 10_001,
  isPositionLeast: true,
  ahead: [{ class: 'own', pool: 'normal', tasks: 10_000, processSeconds: 90 }],
  blockedBy: [
    { rule: 'slots', limit: 12, current: 12, until: null, detail: 'all are taken' },
    { rule: 'tenant-memory', limit: 10_240, current: 9_000.5, until: null, detail: 'little is left' },
    { rule: 'turn', limit: null, current: null, until: null, detail: 'others are before it' },
  ],
  estimate: {
    startAt: '2030-01-01T00:00:00.000Z',
    p50Seconds: 60,
    p90Seconds: 90,
    endAt: null,
    endP50Seconds: null,
    endP90Seconds: null,
    basis: 'a guess',
  },
  waits: [{ from: '2029-01-01T00:00:00.000Z', until: null, seconds: 5, for: 'its turn', rules: [] }],
  waitedSeconds: 5,
}

describe('explain', () => {
  it('shows what holds a task, what is ahead and what is expected, with numbers under each other', () => {
    expect(explained(waiting)).toBe(
      `
state     queued
position  beyond 10001 of its tenant in its pool
waited    5.0 s
starts    in about 1 min 0 s, at 2030-01-01T00:00:00.000Z; nine times out of ten in 1 min 30 s at the latest
basis     a guess

HELD BY            NOW   LIMIT  WHY
slots               12      12  all are taken
tenant-memory  9,000.5  10,240  little is left
turn                 –       –  others are before it

AHEAD           POOL     TASKS  EXPECTED TO TAKE
its own tenant  normal  10,000  1 min 30 s

WAITED        SINCE                     FOR
5.0 s so far  2029-01-01T00:00:00.000Z  its turn
`.trim(),
    )
  })

  it('asks a server, also for JSON, and says in a sentence what it does not know', async () => {
    const { id } = await server.submit({
      kind: 'exec',
      input: { command: ['true'] },
      notBefore: '2100-01-01T00:00:00Z',
    })
    const said = await explain(id)
    expect([said.code, said.stderr]).toEqual([0, ''])
    expect(said.stdout).toMatch(/^due +– +– +it is not due before 2100-01-01T00:00:00.000Z$/m)
    expect(JSON.parse((await explain(id, '--json')).stdout)).toMatchObject({ state: 'queued', position: null })
    const unknown = await explain('01890a5d-ac96-774b-bcce-b302099a8057')
    expect([unknown.code, unknown.stdout]).toEqual([3, ''])
    expect(unknown.stderr).toContain('there is no task with this id')
  })
})
