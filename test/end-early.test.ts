import { beforeEach, describe, expect, it } from 'vitest'
import { EndEarly, type EndEarlyWays } from '../src/end-early.ts'
import type { Journal } from '../src/journal/journal.ts'
import { cancelWanted, claim, settling } from '../src/journal/moves.ts'
import { createRegistry } from '../src/kinds/registry.ts'
import { Queue } from '../src/queue.ts'
import { Run } from '../src/run.ts'
import { Board } from '../src/schedule/board.ts'
import { systemClock } from '../src/system/clock.ts'
import { noWitness } from '../src/system/waypoint.ts'
import { Attempt } from '../src/task/attempt.ts'
import type { Task } from '../src/task/task.ts'
import { sampleEvent, sampleTask } from './contracts/samples.ts'
import { openPolicy } from './fixtures/open-policy.ts'
import { journalOfEachTest } from './journal/sqlite/fixture.ts'

const definition = { kind: 'lint', pool: 'normal', input: {} } as const
const { registry } = createRegistry([{ module: '/no/such/kind.js', definition }])
const why = { reason: 'its turn', preempted: [], waitedSeconds: 0, waited: null } as const
const claimant = { worker: 'w', isolation: 0, process: null, node: 'here', moduleHash: null, why } as const

describe('a task that is to end for a newer one, by a wish that is durable already', () => {
  const held = journalOfEachTest()
  let journal: Journal
  let task: Task

  beforeEach(async () => {
    journal = held.journal
    task = sampleTask()
    await journal.add(task, sampleEvent())
    await journal.move(claim(task, claimant, Date.now()))
    task = { ...task, attempt: 1, state: 'starting' }
    expect((await journal.move(cancelWanted(task, null, Date.now()))).moved).toBe(true)
  })

  /** `begun` is what comes of its launch. */
  function supersede(begun: EndEarlyWays['runs']['begun']): void {
    const complain = (error: unknown) => expect(error).toBeUndefined()
    const ways = { lineUp: () => {}, due: () => {}, complain }
    const queue = new Queue({ journal, registry, clock: systemClock }, new Board(openPolicy(1)), ways)
    const early = new EndEarly(
      { journal, clock: systemClock, witness: noWitness },
      { queue, runs: { get: () => undefined, begun }, wake: () => {}, complain },
    )
    early.supersede(sampleTask(), [task.id])
  }

  it('ends as soon as its attempt has begun, when the claim is on disk and not yet known here', async () => {
    const run = new Run(new Attempt(task))
    supersede(async () => run)
    expect(await run.attempt.ended).toMatchObject({ cause: 'cancel' })
    expect(run.cancelRequested).toBe(true)
  })

  it('ends although so many read the journal at that moment that others are told to come again', async () => {
    const run = new Run(new Attempt(task))
    const reads = Array.from({ length: 5_000 }, () => journal.task(task.tenant, task.id))
    supersede(async () => run)
    const answers = await Promise.allSettled(reads)
    expect(answers.filter(({ status }) => status === 'rejected')).not.toEqual([])
    expect(await run.attempt.ended).toMatchObject({ cause: 'cancel' })
  })

  it('ends in the queue, when its attempt is given back meanwhile', async () => {
    supersede(async () => {
      await journal.move(settling(task))
      await journal.move({ task: task.id, from: ['settling'], attempt: 1, change: { state: 'queued' }, events: [] })
      return undefined
    })
    await expect.poll(async () => (await journal.task(task.tenant, task.id))?.state).toBe('cancelled')
  })
})
