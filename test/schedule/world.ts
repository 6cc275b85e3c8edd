import fc from 'fast-check'
import { Board } from '../../src/schedule/board.ts'
import type { HeadSizes } from '../../src/schedule/head.ts'
import type { Pause } from '../../src/schedule/pause.ts'
import { type Decision, plan } from '../../src/schedule/plan.ts'
import { noLimit, type Policy, type TenantPolicy } from '../../src/schedule/policy.ts'
import type { Waiting } from '../../src/schedule/waiting.ts'
import { POOLS } from '../../src/task/task.ts'
import { apply, policyOf, type Terms, waiting } from './fixture.ts'
import { Model } from './model.ts'
import { Store } from './store.ts'

type Request = Partial<Waiting> & {
  readonly delayMs: number | null
  readonly ttlMs: number | null
  /** How many others it waits for. */
  readonly awaited?: number
}

export type Action =
  | { readonly do: 'add'; readonly request: Request }
  | { readonly do: 'remove' | 'end' | 'requeue' | 'settle'; readonly which: number }
  | { readonly do: 'tick'; readonly ms: number }
  | { readonly do: 'hold' | 'release'; readonly reason: string }
  | { readonly do: 'pause'; readonly pause: Pause }
  | { readonly do: 'resume'; readonly id: string }
  | { readonly do: 'grant'; readonly tenant: string; readonly terms: Partial<TenantPolicy> | null }

const few = (most: number) => fc.integer({ min: 1, max: most })
const orNone = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: null, freq: 2 })

/** Coarse times, so that tasks often differ in one part of their order only. */
const halfSeconds = (most: number) => few(most).map((count) => count * 500)

const tenant = fc.constantFrom('acme', 'globex', 'initech')
const kind = fc.constantFrom('lint', 'exec')
const pauseId = fc.constantFrom('p1', 'p2', 'p3')

const request: fc.Arbitrary<Request> = fc.record({
  tenant,
  kind,
  pool: fc.constantFrom(...POOLS),
  concurrency: orNone(fc.record({ key: fc.constantFrom('org-a', 'org-b'), limit: few(3) })),
  priority: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(-5000, -3600, 3600, 5000)),
  front: fc.boolean(),
  delayMs: orNone(halfSeconds(6)),
  ttlMs: orNone(halfSeconds(20)),
  awaited: fc.constantFrom(0, 0, 0, 1, 2),
  memoryMiB: fc.constantFrom(0, 64, 128),
})

const perPool = fc.record({ critical: few(4), normal: few(4), batch: few(4) })

const tenantTerms = fc.record(
  {
    running: few(3),
    // So that virtual times are exact in binary, and whoever is level is so here and there.
    weight: fc.constantFrom(0.5, 1, 4),
    poolRunning: perPool,
    memoryMiB: fc.constantFrom(128, 256, noLimit),
  },
  { requiredKeys: [] },
)

const pause: fc.Arbitrary<Pause> = fc.record({
  id: pauseId,
  kind: orNone(kind),
  pool: orNone(fc.constantFrom(...POOLS)),
  tenant: orNone(tenant),
  key: orNone(fc.constantFrom('org-a', 'org-b')),
})

/** What happens around a scheduler. A number picks one of the tasks that there are by then. */
export const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('add' as const), request }) },
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constantFrom('remove', 'end', 'end', 'requeue', 'settle'), which: fc.nat(50) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('tick' as const), ms: halfSeconds(5) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('pause' as const), pause }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('resume' as const), id: pauseId }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('grant' as const), tenant, terms: orNone(tenantTerms) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom('hold', 'release'), reason: fc.constantFrom('drain', 'disk') }),
    },
  ),
  { maxLength: 100, size: 'max' },
)

const poolTerms = fc.record(
  { max: few(4), share: fc.constantFrom(0.3, 0.5, 1), min: fc.constantFrom(0, 0, 1) },
  { requiredKeys: [] },
)

/** Small limits, so that every one of them is often reached; none so small that something could never run. */
export const policies: fc.Arbitrary<Policy> = fc
  .record(
    {
      sharedSlots: fc.integer({ min: 3, max: 6 }),
      pools: fc.record({ critical: poolTerms, normal: poolTerms, batch: poolTerms }, { requiredKeys: [] }),
      tenant: tenantTerms,
      kinds: orNone(few(3)).map((running) => new Map(running ? [['lint', { running, windows: [] }]] : [])),
    },
    { requiredKeys: ['sharedSlots'] },
  )
  .map((terms) => policyOf(terms as Terms))

/** So small that most of what waits is left to the journal. */
const smallHeads: HeadSizes = { lane: { most: 3, low: 2 }, dated: { most: 3, low: 2 } }

/** A board and the model of it, living through the same. */
export class World {
  readonly board: Board
  readonly model: Model
  readonly store = new Store()
  #added = 0

  constructor(policy: Policy, sizes: HeadSizes = smallHeads) {
    this.board = new Board(policy, sizes)
    this.model = new Model(policy)
  }

  /** Lets one thing happen. */
  meet(action: Action): void {
    if (action.do === 'add') this.add(this.#taskOf(action.request))
    else if (action.do === 'tick') this.tick(action.ms)
    else if ('which' in action) this.#pick(action.do, action.which)
    else if (action.do === 'pause') this.pause(action.pause)
    else if (action.do === 'resume') this.resume(action.id)
    else if (action.do === 'grant') this.grant(action.tenant, action.terms)
    else if (action.do === 'hold') this.hold(action.reason)
    else this.release(action.reason)
  }

  /** Decides and applies until nothing is left to do, and shows each decision before it is applied. */
  turn(witness: (decision: Decision) => void = () => {}): void {
    const { board, model, store } = this
    model.payUp()
    this.advance()
    model.look()
    let left = 1_000
    for (let decision = this.plan(); decision; decision = this.plan()) {
      if (left-- === 0) throw new Error(`There is no end of it: ${JSON.stringify(decision)}`)
      witness(decision)
      if (decision.do === 'start') model.start(decision.task, board.history.meanSeconds(decision.task.kind))
      else if (decision.do === 'expire') model.remove(decision.task.id)
      else throw new Error('Nobody is preempted in this world.')
      store.tasks.delete(decision.task.id)
      apply(board, decision, model.now)
      store.restock(board, model.now)
    }
  }

  plan(): Decision | undefined {
    return plan(this.board, this.model.now)
  }

  add(task: Waiting): void {
    this.store.tasks.set(task.id, task)
    this.board.add(task)
    this.model.waiting.push(task)
    this.model.look()
  }

  end(id: string): void {
    this.board.end(id, this.model.now, 'counts')
    this.model.end(id)
  }

  settled(awaited: string): void {
    this.board.settled(awaited)
    this.model.settled(awaited)
  }

  tick(ms: number): void {
    this.model.now += ms
  }

  hold(reason: string): void {
    this.board.pools.hold(reason, this.model.now)
    this.model.holds.add(reason)
  }

  release(reason: string): void {
    this.board.pools.release(reason)
    this.model.holds.delete(reason)
  }

  /** A pause with the id of another takes its place. */
  pause(pause: Pause): void {
    this.resume(pause.id)
    this.board.pause(pause)
    this.model.pauses.set(pause.id, pause)
    this.model.look()
  }

  resume(id: string): void {
    this.board.resume(id)
    this.model.pauses.delete(id)
    this.model.look()
  }

  grant(tenant: string, terms: Partial<TenantPolicy> | null): void {
    const policy = terms && { ...this.board.policy.tenant, ...terms }
    this.board.grant(tenant, policy)
    if (policy) this.model.granted.set(tenant, policy)
    else this.model.granted.delete(tenant)
    this.model.look()
  }

  /** What is found in the journal may have become due there. */
  advance(): void {
    const { board, model, store } = this
    do {
      board.advance(model.now)
      store.restock(board, model.now)
    } while (board.hasDue(model.now))
  }

  #pick(what: 'remove' | 'end' | 'requeue' | 'settle', which: number): void {
    if (what === 'settle') {
      this.#settle(which)
      return
    }
    if (what === 'remove') {
      const task = this.model.waiting[which % this.model.waiting.length]
      if (!task) return
      this.store.tasks.delete(task.id)
      this.board.remove(task)
      this.model.remove(task.id)
      return
    }
    const task = this.model.running[which % this.model.running.length]?.task
    if (!task) return
    this.end(task.id)
    if (what === 'requeue') this.add({ ...task, attempt: task.attempt + 1, front: true, awaits: [], isOnlyHere: false })
  }

  /** One that some task waits for has settled; sometimes one that nobody waits for any more. */
  #settle(which: number): void {
    const all = this.model.waiting.flatMap((task) => task.awaits)
    this.settled(all[which % all.length] ?? 'nobody waits for it')
  }

  /** Ids do not sort by age, so that their order is not mistaken for it. */
  #taskOf({ delayMs, ttlMs, awaited = 0, ...request }: Request): Waiting {
    const { now } = this.model
    this.#added += 1
    const id = `${(this.#added * 7) % 10}-${this.#added}`
    return waiting(id, {
      ...request,
      createdAt: now,
      awaits: Array.from({ length: awaited }, (_, at) => `${id}/${at}`),
      notBefore: delayMs === null ? null : now + delayMs,
      expiresAt: ttlMs === null ? null : now + ttlMs,
    })
  }
}
