import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { FRAME } from '../../src/protocol/frame.ts'
import type { KindFrame } from '../../src/protocol/messages.ts'
import type { Waypoint } from '../../src/system/waypoint.ts'
import { bornHere } from '../fixtures/birth.ts'
import { startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { standing } from '../fixtures/standing.ts'
import { startOf } from '../fixtures/told.ts'

const kinds = mkdtempSync(join(tmpdir(), 'mayfly-ahead-'))
afterAll(() => rmSync(kinds, { recursive: true, force: true }))

const lookAtDisk = `
  const db = new DatabaseSync(input.database, { readOnly: true, timeout: 5_000 })
  const { state, attempt } = db.prepare('SELECT state, attempt FROM task WHERE id = ?').get(taskId)
  return { at, state, attempt, characters: input.text?.length ?? 0 }`
writeFileSync(
  join(kinds, 'looks.js'),
  `import { DatabaseSync } from 'node:sqlite'
  export default { kind: 'looks', pool: 'normal', input: {}, run({ input, taskId }) {
    const at = Number(process.hrtime.bigint() / 1_000_000n)
    ${lookAtDisk}
  } }`,
)

interface Seen {
  /** In milliseconds of the clock that all processes share. */
  readonly at: number
  readonly state: string
  readonly attempt: number
  readonly characters: number
}

describe('a task for which a worker stands by', () => {
  let mayfly: TestMayfly
  let passed = (_: Waypoint) => {}
  afterEach(() => mayfly.remove())

  async function start(): Promise<void> {
    passed = () => {}
    const config = { kinds: [kinds], standby: 2, sharedSlots: 2, isolation: { atMost: 1 as const } }
    mayfly = await startMayfly({ config, hooks: { witness: (waypoint) => passed(waypoint) } })
    await run()
    await expect.poll(() => standing(mayfly)).toBe(1)
  }

  async function run(input: object = {}): Promise<Seen> {
    const task = await mayfly.run({ kind: 'looks', input: { database: join(mayfly.data, 'journal.db'), ...input } })
    expect(task).toMatchObject({ state: 'succeeded', attempt: 1 })
    return task.result as unknown as Seen
  }

  it('begins when its claim is durable, whatever else the server does in that moment', async () => {
    await start()
    let busyUntil = 0
    passed = (waypoint) => {
      if (waypoint === 'launch.born') inSomeTurns(3, () => (busyUntil = stayBusy(500)))
    }
    const { at, ...seen } = await run()
    expect(seen).toEqual({ state: 'starting', attempt: 1, characters: 0 })
    expect(at).toBeLessThan(busyUntil)
  })

  it('begins when the server has time for it, where its input is long', async () => {
    await start()
    let busyUntil = 0
    passed = (waypoint) => {
      if (waypoint === 'launch.born') inSomeTurns(3, () => (busyUntil = stayBusy(500)))
    }
    const { at, characters } = await run({ text: 'x'.repeat(100_000) })
    expect(characters).toBe(100_000)
    expect(at).toBeGreaterThan(busyUntil)
  })

  it('is run, and each other, when more come at once than can be told so', async () => {
    await start()
    const all = await Promise.all([run(), run(), run(), run()])
    expect(all.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1])
  })
})

function inSomeTurns(turns: number, call: () => void): void {
  setImmediate(() => (turns > 1 ? inSomeTurns(turns - 1, call) : call()))
}

/** Until when, on the clock that all processes share. */
function stayBusy(ms: number): number {
  const end = performance.now() + ms
  while (performance.now() < end);
  return Number(process.hrtime.bigint() / 1_000_000n)
}

describe('a worker that is told to begin', () => {
  const program = fileURLToPath(new URL('../../workers/main.ts', import.meta.url))
  const module = join(kinds, 'nowhere.js')
  const text = 'export default { run: () => 1 }'

  async function born(id: string) {
    const worker = await bornHere({ id: `${id}-${process.pid}`, program, directory: kinds })
    await worker.spoke
    return worker
  }

  it.each([
    ['does what it was told ahead', { module, text, start: startOf({ module, kept: join(kinds, 'kept') }) }, 0],
    ['has done nothing, and goes, when it was told of no task', { module, text }, 85],
  ])('%s', async (_, ahead: KindFrame, code) => {
    const worker = await born('begins')
    worker.send(FRAME.KIND, ahead)
    worker.send(FRAME.START)
    worker.send(FRAME.END)
    expect(await worker.exited).toEqual({ code, signal: null })
    await worker.emptied()
  })
})
