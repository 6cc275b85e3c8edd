import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { filesIn } from '../../src/journal/sqlite/files.ts'
import { openSqliteJournal } from '../../src/journal/sqlite/open.ts'
import { systemClock } from '../../src/system/clock.ts'
import { newTaskId } from '../../src/system/ids.ts'
import { systemLogger } from '../../src/system/logger.ts'
import { sampleEntry, sampleEvent, sampleTask } from '../contracts/samples.ts'
import { interleave, type Line, lineOf } from './harness.ts'
import { rssMiB } from './memory.ts'
import { startOrchestrator } from './orchestrator.ts'
import { Program, within } from './program.ts'

const many = { tasks: 1_000_000, tenants: 1_000 } as const
const few = { tasks: 1_000, tenants: 10 } as const
const rounds = 15
const passes = 5_000
const atOnce = 2_000
const settleMs = 10_000

/** What a million queued tasks cost: each turn of a task, and memory. */
export async function* planScale(): AsyncIterable<Line> {
  yield* onBoards()
  yield* inOrchestrator()
}

async function* onBoards(): AsyncIterable<Line> {
  const argsOf = ({ tasks, tenants }: typeof many | typeof few) => [String(tasks), String(tenants)]
  const [large, small] = [many, few].map((crowd) => new Program('crowded-board.ts', argsOf(crowd))) as [
    Program,
    Program,
  ]
  const bare = new Program('bare-crowd.ts', argsOf(many))
  yield* within([large, small, bare], async function* () {
    const [ours, , map] = await Promise.all([large, small, bare].map((one) => one.hear<{ grownMiB: number }>()))
    const heap = [{ value: ours?.grownMiB ?? Number.NaN, limit: map?.grownMiB ?? Number.NaN }]
    await bare.stop()
    const cost = (program: Program) => async () =>
      (await program.ask<{ microseconds: number }>({ passes })).microseconds
    const costs = await interleave(rounds, cost(large), cost(small))
    yield lineOf('plan-scale: a turn with 1,000,000 queued, against 1,000', 'µs CPU', costs, { atMost: 1.5 })
    yield lineOf('plan-scale: heap of a board with 1,000,000, against a map of them', 'MiB', heap, { valueAtMost: 100 })
  })
}

/** All of them wait: nothing may start. */
async function* inOrchestrator(): AsyncIterable<Line> {
  const bootOf = async (prepare: (data: string) => Promise<void>) => {
    let since = 0
    const orchestrator = await startOrchestrator({}, async (data) => {
      await prepare(data)
      since = performance.now()
    })
    const seconds = (performance.now() - since) / 1000
    await sleep(settleMs)
    const mebibytes = await rssMiB(orchestrator.child.pid)
    await orchestrator.stop()
    return { seconds, mebibytes }
  }
  let readSeconds = 0
  const full = await bootOf(async (data) => {
    await fill(data)
    readSeconds = await secondsToRead(data)
  })
  const empty = await bootOf(async () => {})
  const boot = [{ value: full.seconds - empty.seconds, limit: readSeconds }]
  yield lineOf('plan-scale: a start with 1,000,000 queued takes longer by, against reading their rows', 's', boot)
  const memory = [{ value: full.mebibytes - empty.mebibytes, limit: empty.mebibytes }]
  const name = 'plan-scale: memory of the orchestrator grows by, against having nothing queued'
  yield lineOf(name, 'MiB RSS', memory, { valueAtMost: 100 })
}

async function fill(directory: string): Promise<void> {
  const logger = systemLogger('silent')
  const journal = await openSqliteJournal({ directory, clock: systemClock, logger, limits: { reserveMiB: 0 } })
  for (let added = 0; added < many.tasks; added += atOnce) {
    const tasks = Array.from({ length: atOnce }, (_, at) =>
      sampleTask({ tenant: `tenant-${(added + at) % many.tenants}`, kind: 'exec', createdAt: systemClock.now() }),
    )
    await Promise.all(journal.addAll(tasks.map((task) => ({ task, queued: sampleEvent() }))))
  }
  const pause = { id: newTaskId(), kind: null, pool: null, tenant: null, key: null, reason: null }
  await journal.pauses.add({ ...pause, createdAt: systemClock.now() }, sampleEntry({ action: 'pause.created' }))
  await journal.close()
}

async function secondsToRead(directory: string): Promise<number> {
  const database = new DatabaseSync(filesIn(directory).database, { readOnly: true })
  const since = performance.now()
  let rows = 0
  for (const _ of database.prepare("SELECT * FROM task WHERE state = 'queued' ORDER BY tenant, id").iterate()) rows += 1
  database.close()
  if (rows !== many.tasks) throw new Error(`There are ${rows} tasks in place of ${many.tasks}.`)
  return (performance.now() - since) / 1000
}
