import type { Credential } from '../access/credential.ts'
import { entryOf } from '../access/deed.ts'
import type { PauseRequest } from '../contract/pause.ts'
import type { PauseRecord, PauseRecords } from '../journal/pauses.ts'
import type { Clock } from '../system/clock.ts'
import { newTaskId } from '../system/ids.ts'
import { Refusal } from '../task/errors.ts'
import type { Board } from './board.ts'

/** Every new lane is held against those of its tenant and those of all. */
const mostPerTenant = 100

export interface PausesDeps {
  readonly records: PauseRecords
  readonly clock: Pick<Clock, 'now'>
  readonly board: Pick<Board, 'pause' | 'resume'>
  /** Something may start now. */
  readonly wake: () => void
}

/** What must not start, as it is on disk. */
export class Pauses {
  readonly #deps: PausesDeps
  readonly #all = new Map<string, PauseRecord>()

  constructor(deps: PausesDeps) {
    this.#deps = deps
  }

  async load(): Promise<void> {
    for (const pause of await this.#deps.records.all()) this.#hold(pause)
  }

  /** Oldest first: an admin sees all, a tenant its own and those that concern everybody. */
  list({ role, tenant }: Credential): readonly PauseRecord[] {
    return [...this.#all.values()].filter((pause) => role === 'admin' || sees(tenant, pause))
  }

  /** Resolves once durable: nothing that matches starts any more. */
  async create(by: Credential, request: PauseRequest): Promise<PauseRecord> {
    const now = this.#deps.clock.now()
    const pause = toRecord(by, request, now)
    const beside = [...this.#all.values()].filter(({ tenant }) => tenant === pause.tenant)
    if (beside.length >= mostPerTenant) {
      throw new Refusal('CONFLICT', `there are ${mostPerTenant} pauses already: delete one first`)
    }
    await this.#deps.records.add(pause, entryOf(by, deed('pause.created', pause), now))
    this.#hold(pause)
    return pause
  }

  async remove(by: Credential, id: string): Promise<void> {
    const pause = this.#all.get(id)
    if (!pause || (by.role !== 'admin' && !sees(by.tenant, pause))) throw unknownPause()
    if (by.role !== 'admin' && pause.tenant === null) {
      throw new Refusal('FORBIDDEN', 'this pause holds for all tenants: only an admin can delete it')
    }
    const entry = entryOf(by, deed('pause.deleted', pause), this.#deps.clock.now())
    if (!(await this.#deps.records.remove(id, entry))) throw unknownPause()
    this.#drop(id)
  }

  /** Drops those of a tenant that was removed, and its pauses with it. */
  forgetTenant(name: string): void {
    for (const { id, tenant } of [...this.#all.values()]) if (tenant === name) this.#drop(id)
  }

  #hold(pause: PauseRecord): void {
    this.#all.set(pause.id, pause)
    this.#deps.board.pause(pause, this.#deps.clock.now())
  }

  #drop(id: string): void {
    this.#all.delete(id)
    this.#deps.board.resume(id, this.#deps.clock.now())
    this.#deps.wake()
  }
}

function sees(tenant: string, pause: PauseRecord): boolean {
  return pause.tenant === null || pause.tenant === tenant
}

/** What an admin does not say holds for all; a tenant's own pause is always the tenant's. */
function toRecord({ role, tenant: own }: Credential, request: PauseRequest, now: number): PauseRecord {
  const { kind = null, pool = null, key = null, reason = null, tenant } = request
  if (role !== 'admin' && tenant !== undefined && tenant !== own) {
    throw new Refusal('FORBIDDEN', 'this token may pause only tasks of its own tenant: leave tenant out')
  }
  const whose = role === 'admin' ? (tenant ?? null) : own
  return { id: newTaskId(), kind, pool, tenant: whose, key, reason, createdAt: now }
}

function deed(action: string, { id, tenant, kind, pool, key, reason }: PauseRecord) {
  return { action, subject: id, tenant, detail: { kind, pool, key, reason } }
}

function unknownPause(): Refusal {
  return new Refusal('NOT_FOUND', 'there is no pause with this id: GET /v1/pauses lists them')
}
