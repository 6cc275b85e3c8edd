import type {
  ContractSchedule,
  ScheduleChange,
  ScheduleListQuery,
  ScheduleRequest,
  ShownSchedule,
} from '../contract/schedule.ts'
import type { ContractTask } from '../contract/task.ts'
import { itemsOf, part } from './pages.ts'
import type { Rest } from './rest.ts'

const pathOf = (id: string, verb = '') => `v1/schedules/${part(id)}${verb}`

/** Tasks that are submitted again and again, or once at a time. */
export class Schedules {
  readonly #rest: Rest

  constructor(rest: Rest) {
    this.#rest = rest
  }

  create(schedule: ScheduleRequest): Promise<ContractSchedule> {
    return this.#rest.json<ContractSchedule>('POST', 'v1/schedules', { json: schedule })
  }

  /** Oldest first. */
  list(query: ScheduleListQuery = {}): AsyncGenerator<ContractSchedule, void> {
    return itemsOf<ContractSchedule>(this.#rest, 'v1/schedules', { query })
  }

  /** With its next times and what became of its last ones. */
  get(id: string): Promise<ShownSchedule> {
    return this.#rest.get<ShownSchedule>(pathOf(id))
  }

  change(id: string, change: ScheduleChange): Promise<ContractSchedule> {
    return this.#rest.json<ContractSchedule>('PATCH', pathOf(id), { json: change })
  }

  pause(id: string): Promise<ContractSchedule> {
    return this.#rest.json<ContractSchedule>('POST', pathOf(id, '/pause'), { repeatable: true })
  }

  resume(id: string): Promise<ContractSchedule> {
    return this.#rest.json<ContractSchedule>('POST', pathOf(id, '/resume'), { repeatable: true })
  }

  /** Submits its task now; once for one idempotency key. */
  run(
    id: string,
    { idempotencyKey = crypto.randomUUID() }: { readonly idempotencyKey?: string } = {},
  ): Promise<ContractTask> {
    const headers = { 'idempotency-key': idempotencyKey }
    return this.#rest.json<ContractTask>('POST', pathOf(id, '/run'), { headers, repeatable: true })
  }

  delete(id: string): Promise<void> {
    return this.#rest.json<void>('DELETE', pathOf(id))
  }
}
