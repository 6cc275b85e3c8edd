import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { ContractTask } from '../../src/contract/task.ts'
import { openLibc } from '../../src/process/libc.ts'
import { FRAME } from '../../src/protocol/frame.ts'
import type { KindFrame } from '../../src/protocol/messages.ts'
import type { Waypoint } from '../../src/system/waypoint.ts'
import { bornHere } from '../fixtures/birth.ts'
import { startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { untilOneStandsBy } from '../fixtures/standing.ts'
import { shortWay, startOf } from '../fixtures/told.ts'

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
    await untilOneStandsBy(mayfly)
  }

  async function run(input: object = {}): Promise<Seen> {
    const task = await mayfly.run({ kind: 'looks', input: { database: join(mayfly.data, 'journal.db'), ...input } })
    expect(task).toMatchObject({ state: 'succeeded', attempt: 1 })
    return task.result as unknown as Seen
  }

  /**
   * Whether its first line ran while the server was busy with something else, right after it had sent the claim and told
   * the task; only then the claim can come to the disk, since somebody else writes until that.
   */
  async function runBeside(input: object = {}) {
    const other = new DatabaseSync(join(mayfly.data, 'journal.db'), { timeout: 5_000 })
    let busyUntil = 0
    passed = (waypoint) => {
      if (waypoint !== 'launch.born') return
      passed = () => {}
      other.exec('BEGIN IMMEDIATE')
      onceTold(() => {
        other.exec('ROLLBACK')
        busyUntil = stayBusy(2_000)
      })
    }
    const { at, ...seen } = await run(input)
    other.close()
    return { ...seen, wasBusy: at < busyUntil }
  }

  it.skipIf(!openLibc())('begins when its claim is durable, whatever else the server does in that moment', async () => {
    await start()
    const seen = await runBeside()
    expect(seen).toEqual({ state: 'starting', attempt: 1, characters: 0, wasBusy: true })
  })

  it('begins when the server has time for it, where its input is long', async () => {
    await start()
    expect(await runBeside({ text: 'x'.repeat(100_000) })).toMatchObject({ characters: 100_000, wasBusy: false })
  })

  it('costs the server nothing, where its input is longer than it looks', async () => {
    await start()
    const thrown: unknown[] = []
    const note = (error: unknown) => thrown.push(error)
    process.on('uncaughtExceptionMonitor', note)
    try {
      // Each is five characters on its way here, and 22 when it is written again.
      const numbers = new Array(200_000).fill('1e20').join()
      const answer = await fetch(`${mayfly.url}/v1/tasks`, {
        method: 'POST',
        headers: { authorization: `Bearer ${mayfly.token}`, 'content-type': 'application/json' },
        body: `{"kind":"looks","input":{"database":"${mayfly.data}/journal.db","numbers":[${numbers}]}}`,
      })
      const { id } = (await answer.json()) as ContractTask
      expect(await mayfly.settled(id)).toMatchObject({ state: 'succeeded', attempt: 1 })
    } finally {
      process.off('uncaughtExceptionMonitor', note)
    }
    expect(thrown).toEqual([])
  })

  it('is run, and each other, when more come at once than can be told so', async () => {
    await start()
    const all = await Promise.all([run(), run(), run(), run()])
    expect(all.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1])
  })
})

/** Right after all that this turn still has done in the next, as the sending of a claim. */
function onceTold(call: () => void): void {
  queueMicrotask(() => setImmediate(call))
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
    ['does what it was told ahead', { module, text, start: startOf({ module, kept: join(kinds, 'kept') }) }, shortWay],
    ['has done nothing, and goes, when it was told of no task', { module, text }, { code: 85, signal: null }],
  ])('%s', async (_, ahead: KindFrame, way) => {
    const worker = await born('begins')
    worker.send(FRAME.KIND, ahead)
    worker.send(FRAME.START)
    worker.send(FRAME.END)
    expect(await worker.exited).toEqual(way)
    await worker.emptied()
  })
})
