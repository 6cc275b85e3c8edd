import fc from 'fast-check'
import { Board } from '../../src/schedule/board.ts'
import type { HeadSizes } from '../../src/schedule/head.ts'
import type { Pause } from '../../src/schedule/pause.ts'
import { type Decision, plan } from '../../src/schedule/plan.ts'
import type { Policy, TenantPolicy } from '../../src/schedule/policy.ts'
import type { Slot } from '../../src/schedule/room.ts'
import type { Waiting } from '../../src/schedule/waiting.ts'
import { POOLS, type Pool } from '../../src/task/task.ts'
import { apply, policyOf, waiting } from './fixture.ts'
import { Store } from './store.ts'

type Request = Partial<Waiting> & { readonly delayMs: number | null; readonly ttlMs: number | null }

export type Action =
  | { readonly do: 'add'; readonly request: Request }
  | { readonly do: 'remove' | 'end' | 'yield' | 'checkpoint'; readonly which: number }
  | { readonly do: 'tick'; readonly ms: number }
  | { readonly do: 'hold' | 'release' }
  | { readonly do: 'pause'; readonly pause: Pause }
  | { readonly do: 'resume'; readonly id: string }
  | { readonly do: 'grant'; readonly tenant: string; readonly terms: Partial<TenantPolicy> | null }
  | { readonly do: 'adopt'; readonly policy: Policy }
  | { readonly do: 'resize'; readonly usable: number }

const few = (most: number) => fc.integer({ min: 1, max: most })
const orNone = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: null, freq: 1 })

const tenant = fc.constantFrom('acme', 'globex')
const kind = fc.constantFrom('lint', 'exec')
const pauseId = fc.constantFrom('p1', 'p2')

/** Mostly batch, so that there is something to end, and others that come late. */
const request: fc.Arbitrary<Request> = fc.record({
  tenant,
  kind,
  pool: fc.constantFrom('batch', 'batch', 'batch', 'normal', 'critical'),
  concurrency: fc.oneof(
    fc.constant(null),
    fc.constant(null),
    fc.record({ key: fc.constantFrom('a', 'b'), limit: few(3) }),
  ),
  delayMs: fc.constantFrom(null, null, null, 1_000, 5_000),
  ttlMs: fc.constantFrom(null, null, null, 2_000, 9_000),
  memoryMiB: fc.constantFrom(0, 64, 128, 256),
  isCleanup: fc.constantFrom(false, false, false, true),
})

const pause: fc.Arbitrary<Pause> = fc.record({
  id: pauseId,
  kind: orNone(kind),
  pool: orNone(fc.constantFrom(...POOLS)),
  tenant: orNone(tenant),
  key: orNone(fc.constantFrom('a', 'b')),
})

const tenantTerms = fc.record(
  { running: few(4), memoryMiB: fc.constantFrom(256, 512), processSecondsPerDay: fc.constantFrom(3, 30) },
  { requiredKeys: [] },
)

/** In the first minutes of each hour. */
const windows = few(22).map((hour) => [
  { from: '00:00', to: `00:0${(hour % 3) + 1}`, atEnd: 'preempt' as const },
  { from: `${String(hour).padStart(2, '0')}:00`, to: '23:59' },
])

export const policies: fc.Arbitrary<Policy> = fc
  .record({
    // One more than others may keep for themselves.
    sharedSlots: fc.integer({ min: 3, max: 5 }),
    ownSlots: fc.constantFrom(0, 0, 1),
    mins: fc.record({ normal: fc.constantFrom(0, 0, 1), batch: fc.constantFrom(0, 0, 1) }),
    share: fc.constantFrom(1, 1, 0.5),
    windows: orNone(windows),
    lint: orNone(few(3)),
    memoryMiB: fc.constantFrom(512, 1024),
    preemption: fc.record({ exemptSeconds: fc.constantFrom(0, 0, 2), most: fc.constantFrom(1, 2, 3) }),
  })
  .map(({ sharedSlots, ownSlots, mins, share, windows, lint, memoryMiB, preemption }) =>
    policyOf({
      sharedSlots,
      memoryMiB,
      preemption,
      pools: {
        critical: { min: ownSlots },
        normal: { min: mins.normal },
        batch: { min: mins.batch, share, windows: windows ?? [] },
      },
      kinds: new Map(lint ? [['lint', { running: lint, windows: [] }]] : []),
    }),
  )

/** What happens to a full house. Most running tasks that are asked to end do. */
export const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('add' as const), request }) },
    {
      weight: 8,
      arbitrary: fc.record({ do: fc.constantFrom('yield', 'yield', 'end', 'remove', 'checkpoint'), which: fc.nat(50) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('tick' as const), ms: fc.constantFrom(500, 1_000, 3_000, 60_000) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('pause' as const), pause }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('resume' as const), id: pauseId }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('grant' as const), tenant, terms: orNone(tenantTerms) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('adopt' as const), policy: policies }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('resize' as const), usable: fc.nat(4) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('hold', 'release') }) },
  ),
  { maxLength: 120, size: 'max' },
)

export interface Attempt {
  readonly task: Waiting
  readonly slot: Slot
  readonly startedAt: number
  isEnding: boolean
}

const smallHeads: HeadSizes = { lane: { most: 3, low: 2 }, dated: { most: 3, low: 2 } }

/** A board where tasks are ended for others, and what a bystander can know of it. */
export class Struggle {
  readonly board: Board
  readonly store = new Store()
  readonly waiting = new Map<string, Waiting>()
  readonly running = new Map<string, Attempt>()
  readonly pauses = new Map<string, Pause>()
  readonly granted = new Map<string, TenantPolicy>()
  /** How often each task was ended for another. */
  readonly displaced = new Map<string, number>()
  /** For whom others are being ended, as long as nothing has happened that changes who may have what. */
  readonly promised = new Set<string>()
  policy: Policy
  usable: number
  isHeld = false
  now = 0
  #added = 0

  constructor(policy: Policy) {
    this.policy = policy
    this.usable = policy.sharedSlots
    this.board = new Board(policy, smallHeads)
  }

  meet(action: Action): void {
    if (action.do === 'add') this.add(this.#taskOf(action.request))
    else if (action.do === 'tick') this.now += action.ms
    else if ('which' in action) this.#pick(action.do, action.which)
    else if (action.do === 'hold') this.hold()
    else if (action.do === 'release') this.release()
    else {
      this.promised.clear()
      this.#change(action)
    }
  }

  turn(witness: (decision: Decision) => void = () => {}): void {
    this.#advance()
    let left = 1_000
    for (let decision = plan(this.board, this.now); decision; decision = plan(this.board, this.now)) {
      if (left-- === 0) throw new Error(`There is no end of it: ${JSON.stringify(decision)}`)
      witness(decision)
      apply(this.board, decision, this.now)
      this.#note(decision)
      this.store.restock(this.board, this.now)
    }
  }

  add(task: Waiting): void {
    this.waiting.set(task.id, task)
    this.store.tasks.set(task.id, task)
    this.board.add(task)
  }

  /** An attempt settles; one that was asked to end, or is to run on, waits again. */
  end(id: string, again = false): void {
    const attempt = this.running.get(id)
    if (!attempt) return
    const { task, isEnding } = attempt
    this.running.delete(id)
    this.board.end(id, this.now, again ? 'lost' : 'typical')
    const preemptions = task.preemptions + (isEnding ? 1 : 0)
    if (again) this.add({ ...task, attempt: task.attempt + 1, notBefore: null, front: true, preemptions })
  }

  hold(): void {
    this.board.pools.hold('disk', this.now)
    this.isHeld = true
  }

  release(): void {
    this.board.pools.release('disk')
    this.isHeld = false
  }

  /** Nothing that was made harder stays so. */
  relent(): void {
    this.release()
    this.promised.clear()
    for (const id of [...this.pauses.keys()]) this.#change({ do: 'resume', id })
    for (const tenant of [...this.granted.keys()]) this.#change({ do: 'grant', tenant, terms: null })
    this.#change({ do: 'resize', usable: this.policy.sharedSlots })
  }

  ofPool(pool: Pool): number {
    return [...this.running.values()].filter(({ task }) => task.pool === pool).length
  }

  inSlots(slot: Slot): number {
    return [...this.running.values()].filter((one) => one.slot === slot).length
  }

  tenantPolicy(tenant: string): TenantPolicy {
    return this.granted.get(tenant) ?? this.policy.tenant
  }

  isPaused({ kind, pool, tenant, concurrency }: Waiting): boolean {
    const isAny = (wanted: string | null, own: string | null | undefined) => wanted === null || wanted === own
    return [...this.pauses.values()].some(
      (one) =>
        isAny(one.kind, kind) &&
        isAny(one.pool, pool) &&
        isAny(one.tenant, tenant) &&
        isAny(one.key, concurrency?.key ?? null),
    )
  }

  #advance(): void {
    do {
      this.board.advance(this.now)
      this.store.restock(this.board, this.now)
    } while (this.board.hasDue(this.now))
  }

  #note(decision: Decision): void {
    const { running, displaced } = this
    if (decision.do === 'preempt') {
      for (const { id } of decision.victims) {
        ;(running.get(id) as Attempt).isEnding = true
        if (decision.task) displaced.set(id, (displaced.get(id) ?? 0) + 1)
      }
      if (decision.task) this.promised.add(decision.task.id)
      return
    }
    const { task } = decision
    this.waiting.delete(task.id)
    this.store.tasks.delete(task.id)
    this.promised.delete(task.id)
    if (decision.do === 'start')
      running.set(task.id, { task, slot: decision.slot, startedAt: this.now, isEnding: false })
  }

  #change(action: Action): void {
    const { board } = this
    if (action.do === 'pause') {
      this.#change({ do: 'resume', id: action.pause.id })
      board.pause(action.pause)
      this.pauses.set(action.pause.id, action.pause)
    } else if (action.do === 'resume') {
      board.resume(action.id)
      this.pauses.delete(action.id)
    } else if (action.do === 'grant') {
      const policy = action.terms && { ...this.policy.tenant, ...action.terms }
      board.grant(action.tenant, policy)
      if (policy) this.granted.set(action.tenant, policy)
      else this.granted.delete(action.tenant)
    } else if (action.do === 'adopt') {
      board.adopt(action.policy)
      this.policy = action.policy
      this.usable = action.policy.sharedSlots
    } else if (action.do === 'resize') {
      board.resize(action.usable)
      this.usable = Math.min(action.usable, this.policy.sharedSlots)
    }
  }

  #pick(what: 'remove' | 'end' | 'yield' | 'checkpoint', which: number): void {
    if (what === 'remove') {
      const task = [...this.waiting.values()][which % this.waiting.size]
      if (!task) return
      this.waiting.delete(task.id)
      this.store.tasks.delete(task.id)
      this.promised.delete(task.id)
      this.board.remove(task)
      return
    }
    const all = [...this.running.values()].filter(({ isEnding }) => what !== 'yield' || isEnding)
    const attempt = all[which % all.length]
    if (!attempt) return
    if (what === 'checkpoint') this.board.checkpointed(attempt.task.id, this.now)
    else this.end(attempt.task.id, what === 'yield')
  }

  #taskOf({ delayMs, ttlMs, ...request }: Request): Waiting {
    this.#added += 1
    const id = `${(this.#added * 7) % 10}-${this.#added}`
    const { now } = this
    return waiting(id, {
      ...request,
      createdAt: now,
      notBefore: delayMs === null ? null : now + delayMs,
      expiresAt: ttlMs === null ? null : now + ttlMs,
    })
  }
}
