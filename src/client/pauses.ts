import type { ContractPause, PauseRequest } from '../contract/pause.ts'
import { itemsOf, part } from './pages.ts'
import type { Rest } from './rest.ts'

/** Tasks that are not to be started for a while. */
export class Pauses {
  readonly #rest: Rest

  constructor(rest: Rest) {
    this.#rest = rest
  }

  create(pause: PauseRequest): Promise<ContractPause> {
    return this.#rest.json<ContractPause>('POST', 'v1/pauses', { json: pause })
  }

  list(): AsyncGenerator<ContractPause, void> {
    return itemsOf<ContractPause>(this.#rest, 'v1/pauses')
  }

  delete(id: string): Promise<void> {
    return this.#rest.json<void>('DELETE', `v1/pauses/${part(id)}`)
  }
}
