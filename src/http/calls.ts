import { Refusal } from '../task/errors.ts'

/** Counts what is under way, of all and of each tenant, and refuses what is too much. */
export class Calls {
  readonly #most: number
  readonly #mostPerTenant: number
  readonly #ofTenants = new Map<string, number>()
  #all = 0

  constructor(most: number, mostPerTenant: number) {
    this.#most = most
    this.#mostPerTenant = mostPerTenant
  }

  /** Returns what is to be called when it is over, once or more often. */
  begin(tenant: string): () => void {
    const own = this.#ofTenants.get(tenant) ?? 0
    if (this.#all >= this.#most || own >= this.#mostPerTenant) {
      throw new Refusal('TOO_MANY', 'too many calls are under way: wait until some of them have been answered')
    }
    this.#all++
    this.#ofTenants.set(tenant, own + 1)
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      this.#end(tenant)
    }
  }

  #end(tenant: string): void {
    this.#all--
    const left = (this.#ofTenants.get(tenant) ?? 1) - 1
    if (left > 0) this.#ofTenants.set(tenant, left)
    else this.#ofTenants.delete(tenant)
  }
}
