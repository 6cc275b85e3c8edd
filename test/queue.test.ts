import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Journal } from '../src/journal/journal.ts'
import { createRegistry } from '../src/kinds/registry.ts'
import { Queue } from '../src/queue.ts'
import { Board } from '../src/schedule/board.ts'
import { plan } from '../src/schedule/plan.ts'
import { waitingOf } from '../src/schedule/waiting.ts'
import { systemClock } from '../src/system/clock.ts'
import { cancelled } from '../src/task/classify.ts'
import type { Task } from '../src/task/task.ts'
import { sampleEvent, sampleTask } from './contracts/samples.ts'
import { openPolicy } from './fixtures/open-policy.ts'
import { openIn, temporaryDirectory } from './journal/sqlite/fixture.ts'

const definition = { kind: 'lint', pool: 'normal', input: {}, cleanup: true } as const
const { registry } = createRegistry([{ module: '/no/such/kind.js', definition }])

describe('a task that is cancelled while it is being launched again', () => {
  let place: ReturnType<typeof temporaryDirectory>
  let journal: Journal
  let board: Board
  let queue: Queue
  let task: Task

  beforeEach(async () => {
    place = temporaryDirectory()
    journal = await openIn(place.directory)
    board = new Board(openPolicy(1))
    const ways = { lineUp: () => {}, due: () => {}, complain: (error: unknown) => expect(error).toBeUndefined() }
    queue = new Queue({ journal, registry, clock: systemClock }, board, ways)
    task = sampleTask({ startedAt: 1_700_000_000_000, attempt: 1 })
    await journal.add(task, sampleEvent())
    board.add(waitingOf(task))
    board.start(task.id, 0)
    expect(await queue.end(waitingOf(task), cancelled(null))).toBe(true)
  })
  afterEach(async () => {
    await journal.close()
    place.remove()
  })

  it('has its cleanup wait when the launch came to nothing', () => {
    board.end(task.id, 0, 'counts')
    queue.takeUp(task.id)
    expect(plan(board, Date.now())).toMatchObject({ do: 'start', task: { id: task.id, front: true } })
  })

  it('does not have it wait in place of what came of the one that was claimed', () => {
    queue.claimed(task.id)
    board.end(task.id, 0, 'counts')
    queue.add(waitingOf({ ...task, attempt: 2, cleaning: 'cancelled', front: true }))
    queue.takeUp(task.id)
    expect(plan(board, Date.now())).toMatchObject({ do: 'start', task: { id: task.id, attempt: 2 } })
  })
})
