import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FoundTasks, TaskQuery } from '../../src/journal/journal.ts'
import { Hub } from '../../src/stream/hub.ts'
import { Survey, type SurveyBounds, type SurveyFilter } from '../../src/stream/survey.ts'
import { isTerminal, stateAfter } from '../../src/task/states.ts'
import type { EventType, Task, TaskEvent } from '../../src/task/task.ts'
import { sampleTask } from '../contracts/samples.ts'

/** Legal next events of a task in each state. */
const nexts: Readonly<Record<string, readonly EventType[]>> = {
  queued: ['task.starting', 'task.cancelled', 'task.cancelling'],
  starting: ['task.started', 'task.requeued'],
  running: ['task.log', 'task.progress', 'task.retrying', 'task.succeeded', 'task.failed'],
}

const kinds = ['lint', 'exec']

/** Tasks of two tenants, commits, publications and reads, each moving only when told to. */
class Stage {
  readonly hub = new Hub()
  readonly filter: SurveyFilter
  readonly tasks = new Map<string, Task>()
  /** What the reader makes of what it is told: the last `seq` of each unfinished task that it sees. */
  readonly seen = new Map<string, number>()
  readonly shown = new Set<string>()
  readonly faults: string[] = []
  lives = 0
  failure: unknown
  survey: Survey | undefined
  readonly #bounds: SurveyBounds | undefined
  readonly #ended = new Set<string>()
  #committed: TaskEvent[] = []
  #reads: { look: () => void; answer: () => void }[] = []

  constructor(filter: SurveyFilter, bounds?: SurveyBounds) {
    this.filter = filter
    this.#bounds = bounds
  }

  add(tenant: string, kind: string): void {
    const id = `${String(this.tasks.size).padStart(6, '0')}`
    this.#commit(sampleTask({ id, tenant, kind, lastSeq: 0 }), 'task.queued')
  }

  move(which: number, how: number): void {
    const movable = [...this.tasks.values()].filter(({ state }) => !isTerminal(state))
    const task = movable[which % movable.length]
    const types = task && nexts[task.state]
    if (types) this.#commit(task, types[how % types.length] as EventType)
  }

  publish(count: number): void {
    this.hub.publish(this.#committed.splice(0, count))
  }

  begin(): void {
    const { hub, filter } = this
    const journal = {
      task: (tenant: string, id: string) => this.#read(() => this.#find({ tenant }).find((task) => task.id === id)),
      tasks: (query: TaskQuery) => this.#read(() => this.#page(query)),
    }
    const sink = {
      room: async () => {},
      event: (message: Buffer) => this.#hear(JSON.parse(String(message))),
      snapshot: (tasks: readonly Task[]) => this.#look(tasks),
      live: () => this.lives++,
      failed: (error: unknown) => {
        this.failure = error
      },
    }
    this.survey = new Survey({ tenant: 'acme', filter, hub, journal }, sink, this.#bounds)
  }

  /** The moment at which the oldest read sees the store; it is answered later. */
  look(): void {
    this.#reads[0]?.look()
  }

  answer(): void {
    this.#reads.shift()?.answer()
  }

  async settle(): Promise<void> {
    this.publish(this.#committed.length)
    for (let turn = 0; turn < 10_000; turn++) {
      await new Promise(setImmediate)
      if (this.#reads.length === 0) return
      this.answer()
    }
    throw new Error('it reads for ever')
  }

  /** Who is unfinished and fits. */
  get expected(): string[] {
    return this.#find({ tenant: 'acme', ...this.filter })
      .filter(({ state }) => !isTerminal(state))
      .map(({ id }) => id)
  }

  #commit(task: Task, type: EventType): void {
    const seq = task.lastSeq + 1
    this.tasks.set(task.id, { ...task, state: stateAfter(type) ?? task.state, lastSeq: seq })
    this.#committed.push({ task: task.id, tenant: task.tenant, seq, type, at: 0, attempt: 0, data: {} })
  }

  #find({ tenant, state, kind, before }: Partial<TaskQuery>): Task[] {
    return [...this.tasks.values()]
      .filter((task) => task.tenant === tenant)
      .filter((task) => (state === undefined || task.state === state) && (kind === undefined || task.kind === kind))
      .filter(({ id }) => before === undefined || id < before)
      .sort((a, b) => (a.id < b.id ? 1 : -1))
  }

  /** Shorter than asked for, as pages of large tasks are. */
  #page(query: TaskQuery): FoundTasks {
    const found = this.#find(query)
    const tasks = found.slice(0, Math.min(query.limit, 3))
    return { tasks, more: found.length > tasks.length }
  }

  #read<T>(find: () => T): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>()
    let seen: { readonly found: T } | undefined
    const look = () => {
      seen ??= { found: find() }
    }
    const answer = () => {
      look()
      if (seen) resolve(seen.found)
    }
    this.#reads.push({ look, answer })
    return promise
  }

  #look(tasks: readonly Task[]): void {
    for (const { id, state, lastSeq, tenant } of tasks) {
      if (tenant !== 'acme') this.faults.push(`${id} is another tenant's`)
      if (this.seen.has(id)) this.faults.push(`${id} is shown although it is in view`)
      if (this.#ended.has(id)) this.faults.push(`${id} is shown although its end was told`)
      this.shown.add(id)
      if (isTerminal(state)) this.#ended.add(id)
      else this.seen.set(id, lastSeq)
    }
  }

  #hear({ task, seq, event }: { task: string; seq: number; event: { type: string } }): void {
    if (this.seen.get(task) !== seq - 1) this.faults.push(`${task} ${seq} comes after ${this.seen.get(task)}`)
    this.seen.set(task, seq)
    const state = stateAfter(event.type)
    const leaves = state && (isTerminal(state) || (this.filter.state && state !== this.filter.state))
    if (leaves) this.seen.delete(task)
  }
}

type Step = (stage: Stage) => void

const add = fc.tuple(fc.constantFrom('acme', 'acme', 'other'), fc.constantFrom(...kinds))
const move = fc.tuple(fc.nat(50), fc.nat(10))

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 1,
    arbitrary: add.map(
      (task): Step =>
        (stage) =>
          stage.add(...task),
    ),
  },
  {
    weight: 5,
    arbitrary: move.map(
      (how): Step =>
        (stage) =>
          stage.move(...how),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.integer({ min: 1, max: 6 }).map(
      (count): Step =>
        (stage) =>
          stage.publish(count),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Step>((stage) => stage.look()) },
  { weight: 2, arbitrary: fc.constant<Step>((stage) => stage.answer()) },
)

const filters: fc.Arbitrary<SurveyFilter> = fc.constantFrom<SurveyFilter>(
  {},
  { kind: 'lint' },
  { state: 'queued' },
  { state: 'running' },
  { state: 'running', kind: 'exec' },
)

describe('a survey', () => {
  it('shows whoever fits, and tells of each every event once and in order, whatever comes in which order', async () => {
    await fc.assert(
      fc.asyncProperty(
        filters,
        fc.array(step, { maxLength: 30 }),
        fc.array(step, { maxLength: 150 }),
        async (...given) => {
          const [filter, before, during] = given
          const stage = new Stage(filter)
          for (const each of before) each(stage)
          stage.begin()
          for (const each of during) {
            each(stage)
            await new Promise(setImmediate)
          }
          await stage.settle()
          expect(stage.faults).toEqual([])
          expect(stage.failure).toBeUndefined()
          expect(stage.lives).toBe(1)
          expect([...stage.seen.keys()].sort()).toEqual(stage.expected.sort())
        },
      ),
      { numRuns: 1000 },
    )
  }, 60_000)

  it('shows the newest of more than it may, and those beyond when something becomes of them', async () => {
    const stage = new Stage({}, { snapshotTasks: 5, most: 100 })
    for (let count = 0; count < 8; count++) stage.add('acme', 'lint')
    stage.begin()
    await stage.settle()
    expect([...stage.shown].sort()).toEqual(['000003', '000004', '000005', '000006', '000007'])
    stage.move(0, 0)
    await stage.settle()
    expect([...stage.shown]).toContain('000000')
  })

  it('is over when more fits than it can keep', async () => {
    const stage = new Stage({}, { snapshotTasks: 100, most: 5 })
    stage.begin()
    await stage.settle()
    for (let count = 0; count < 8; count++) stage.add('acme', 'lint')
    await stage.settle()
    expect(stage.failure).toMatchObject({ code: 'TOO_MANY' })
    stage.shown.clear()
    stage.add('acme', 'lint')
    await stage.settle()
    expect(stage.shown.size).toBe(0)
  })

  it('tells nothing once it has ended', async () => {
    const stage = new Stage({})
    stage.add('acme', 'lint')
    stage.begin()
    stage.survey?.end()
    await stage.settle()
    expect([stage.shown.size, stage.lives]).toEqual([0, 0])
  })
})
