import { kindPolicy, noLimit, type Policy } from './policy.ts'
import { Spells } from './spells.ts'

/** How many tasks of each kind run, of all tenants, and what that held back. */
export class KindCounts {
  readonly #running = new Map<string, number>()
  /** Of kinds of which only so many may run. */
  readonly #spells = new Map<string, Spells>()

  running(kind: string): number {
    return this.#running.get(kind) ?? 0
  }

  /** As many of a kind run as may. */
  isFull(kind: string, policy: Policy): boolean {
    return this.running(kind) >= kindPolicy(policy, kind).running
  }

  /** More of a kind run than may by now. */
  isOver(kind: string, policy: Policy): boolean {
    return this.running(kind) > kindPolicy(policy, kind).running
  }

  /** One more or one less of a kind runs. */
  count(kind: string, by: 1 | -1, policy: Policy, now: number): void {
    const running = this.running(kind) + by
    if (running === 0) this.#running.delete(kind)
    else this.#running.set(kind, running)
    this.#note(kind, policy, now)
  }

  spellsOf(kind: string): Spells | undefined {
    return this.#spells.get(kind)
  }

  #note(kind: string, policy: Policy, now: number): void {
    if (kindPolicy(policy, kind).running === noLimit && !this.#spells.has(kind)) return
    const spells = this.#spells.get(kind) ?? new Spells()
    this.#spells.set(kind, spells)
    spells.note(this.isFull(kind, policy) ? 'kind-running' : undefined, now)
  }
}
