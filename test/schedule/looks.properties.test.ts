import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Board } from '../../src/schedule/board.ts'
import { plan } from '../../src/schedule/plan.ts'
import type { Shortage } from '../../src/schedule/waiters.ts'
import type { Waiting } from '../../src/schedule/waiting.ts'
import { apply, policyOf, waiting } from './fixture.ts'
import { Store } from './store.ts'

const few = (most: number) => fc.nat(most - 1)

/** Each thing that takes a commit happens twice: in the journal, and later on the board. A number picks one of them. */
type Step =
  | { readonly do: 'submit'; readonly task: Partial<Waiting>; readonly count: number; readonly delayMs: number | null }
  | { readonly do: 'turn' | 'tick' | 'cancelAll' }
  | { readonly do: 'land' | 'cancel' | 'removed' | 'claim' | 'end' | 'requeue' | 'expired'; readonly which: number }
  | { readonly do: 'read' | 'answer' | 'fail'; readonly which: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('submit' as const),
      count: fc.constantFrom(1, 1, 5, 9),
      delayMs: fc.constantFrom(null, null, null, 500, 1_500),
      task: fc.record({
        tenant: fc.constantFrom('acme', 'globex'),
        concurrency: fc.constantFrom(null, null, { key: 'org', limit: 1 }),
        priority: few(3),
        expiresAt: fc.constantFrom(null, null, null, 1_000, 4_000),
      }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('turn', 'turn', 'turn', 'tick', 'cancelAll') }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('land', 'land', 'cancel', 'removed', 'claim', 'end', 'requeue', 'expired'),
      which: few(20),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('read', 'answer', 'answer', 'fail'), which: few(6) }),
  },
)

interface Look {
  readonly shortage: Shortage
  found: readonly Waiting[] | undefined
}

/** A board and its journal, which takes its time. */
class Slow {
  readonly board: Board
  readonly store = new Store()
  now = 0
  #added = 0
  /** Durable, and not yet on the board; gone from the journal, and not yet from the board. */
  readonly landing: Waiting[] = []
  readonly leaving: Waiting[] = []
  readonly expiring: Waiting[] = []
  readonly looks: Look[] = []
  /** Has a slot; its claim is on its way, or durable. */
  readonly launching: Waiting[] = []
  readonly running: Waiting[] = []

  constructor() {
    const sizes = { lane: { most: 3, low: 2 }, dated: { most: 3, low: 2 } }
    this.board = new Board(policyOf({ sharedSlots: 2, pools: { critical: { min: 0 } } }), sizes)
  }

  meet(step: Step): void {
    if (step.do === 'submit') for (let left = step.count; left > 0; left -= 1) this.#submit(step.task, step.delayMs)
    else if (step.do === 'turn') this.turn()
    else if (step.do === 'tick') this.now += 500
    else if (step.do === 'cancelAll') for (const task of [...this.store.tasks.values()]) this.#cancel(task)
    else if ('which' in step) this.#pick(step.do, step.which)
  }

  #submit(but: Partial<Waiting>, delayMs: number | null): void {
    this.#added += 1
    const id = `${(this.#added * 7) % 10}-${this.#added}`
    const expiresAt = typeof but.expiresAt === 'number' ? but.expiresAt + this.now : null
    const notBefore = delayMs === null ? null : this.now + delayMs
    const task = waiting(id, { ...but, createdAt: this.now, notBefore, expiresAt })
    this.board.expect(id)
    this.store.tasks.set(id, task)
    this.landing.push(task)
  }

  /** Only what has landed is known to those who cancel. */
  #cancel(task: Waiting): void {
    if (this.landing.includes(task)) return
    this.store.tasks.delete(task.id)
    this.leaving.push(task)
  }

  #pick(what: Exclude<Step['do'], 'submit' | 'turn' | 'tick' | 'cancelAll'>, which: number): void {
    const take = <T>(all: T[]) => all.splice(which % Math.max(1, all.length), 1)[0]
    if (what === 'cancel') {
      const task = [...this.store.tasks.values()][which]
      if (task) this.#cancel(task)
    } else if (what === 'land') this.#with(take(this.landing), (task) => this.board.add(task))
    else if (what === 'removed') this.#with(take(this.leaving), (task) => this.board.remove(task))
    else if (what === 'expired') this.#with(take(this.expiring), (task) => this.#expire(task))
    else if (what === 'claim') this.#with(take(this.launching), (task) => this.#claim(task))
    else if (what === 'end') this.#with(take(this.running), (task) => this.board.end(task.id, this.now, 'counts'))
    else if (what === 'requeue') this.#with(take(this.running), (task) => this.#requeue(task))
    else if (what === 'read') this.#with(this.looks[which], (look) => this.#read(look))
    else this.#with(take(this.looks), (look) => this.#answer(look, what === 'fail'))
  }

  #with<T>(one: T | undefined, act: (one: T) => void): void {
    if (one !== undefined) act(one)
  }

  #claim(task: Waiting): void {
    if (this.store.tasks.delete(task.id)) {
      this.running.push(task)
      return
    }
    // Somebody cancelled it before, and has been told so: there is nothing to claim.
    const cancelled = this.leaving.findIndex(({ id }) => id === task.id)
    for (const one of this.leaving.splice(0, cancelled + 1)) this.board.remove(one)
    this.board.end(task.id, this.now, 'nothing')
  }

  #requeue(task: Waiting): void {
    const again = { ...task, attempt: task.attempt + 1, front: true, expiresAt: null, notBefore: null }
    this.store.tasks.set(task.id, again)
    this.board.end(task.id, this.now, 'counts')
    this.board.add(again)
  }

  #expire(task: Waiting): void {
    if (this.store.tasks.delete(task.id)) this.board.remove(task)
  }

  #read(look: Look): void {
    look.found ??= this.store.find(look.shortage, this.now)
  }

  #answer(look: Look, fails: boolean): void {
    this.#read(look)
    this.board.fill(look.shortage, fails ? undefined : look.found)
  }

  turn(): void {
    this.board.advance(this.now)
    let left = 1_000
    for (let decision = plan(this.board, this.now); decision; decision = plan(this.board, this.now)) {
      if (left-- === 0) throw new Error(`There is no end of it: ${JSON.stringify(decision)}`)
      if (decision.do === 'expire') {
        this.board.expire(decision.task)
        this.expiring.push(decision.task)
      } else {
        apply(this.board, decision, this.now)
        if (decision.task) this.launching.push(decision.task)
      }
    }
    this.looks.push(...this.board.takeShortages().map((shortage) => ({ shortage, found: undefined })))
  }

  /** Lets everything that is on its way arrive, and what runs end, until nothing is left that could start. */
  drain(): void {
    for (let left = 400; left > 0; left -= 1) {
      for (const what of ['answer', 'land', 'removed', 'expired', 'claim', 'end'] as const) {
        const all = { answer: this.looks, land: this.landing, removed: this.leaving, expired: this.expiring }
        const own = { ...all, claim: this.launching, end: this.running }[what]
        while (own.length > 0) this.#pick(what, 0)
      }
      this.turn()
      if (this.looks.length + this.launching.length + this.expiring.length > 0) continue
      if (this.store.tasks.size === 0) return
      this.now += 500
    }
  }
}

describe('a journal that answers late', () => {
  test('loses no task, doubles none, and leaves the board with nothing', () => {
    const property = fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const slow = new Slow()
      for (const step of steps) slow.meet(step)
      slow.drain()
      expect([...slow.store.tasks.keys()]).toEqual([])
      for (const pool of ['normal', 'batch', 'critical'] as const) {
        expect(slow.board.figures.counts()[pool]).toEqual({ queued: 0, running: 0 })
      }
      expect(slow.board.figures.oldestDueAt('normal')).toBeUndefined()
    })
    fc.assert(property, { numRuns: 1_500 })
  })
})
