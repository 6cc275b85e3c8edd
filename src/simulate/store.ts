/** The queued tasks of a journal that is not there: what the board leaves to it, it finds again. */
import type { LaneMark, LaneStretch } from '../journal/waiting.ts'
import type { Board } from '../schedule/board.ts'
import { timeOf } from '../schedule/calendar.ts'
import { inOrder, type Ordered } from '../schedule/order.ts'
import type { Shortage } from '../schedule/waiters.ts'
import type { Waiting } from '../schedule/waiting.ts'
import { Shelf } from './shelf.ts'

type Place = Pick<Waiting, 'tenant' | 'pool' | 'kind'> & { readonly key: string | null }

export class Store {
  readonly #lanes = new Map<string, Shelf<Waiting>>()
  readonly #expiring = new Shelf<Waiting>(
    (a, b) => timeOf(a, 'expiresAt') - timeOf(b, 'expiresAt') || (a.id < b.id ? -1 : Number(a.id > b.id)),
  )

  /** A task that is due: nothing in a trace waits for a time. */
  add(task: Waiting): void {
    const name = nameOf(task.concurrency?.key ?? null, task)
    const lane = this.#lanes.get(name) ?? new Shelf<Waiting>(inOrder)
    this.#lanes.set(name, lane)
    lane.add(task)
    if (task.expiresAt !== null) this.#expiring.add(task)
  }

  delete(task: Waiting): void {
    const name = nameOf(task.concurrency?.key ?? null, task)
    const lane = this.#lanes.get(name)
    lane?.delete(task)
    if (lane?.isEmpty) this.#lanes.delete(name)
    if (task.expiresAt !== null) this.#expiring.delete(task)
  }

  /** Answers what the board is short of. False when it was short of nothing. */
  restock(board: Pick<Board, 'takeShortages' | 'fill'>): boolean {
    const shortages = board.takeShortages()
    for (const shortage of shortages) board.fill(shortage, this.#find(shortage))
    return shortages.length > 0
  }

  /** How many stand in a part of a lane. */
  between({ lane, after, before, without }: LaneStretch): number {
    const shelf = this.#lanes.get(nameOf(lane.key, lane))
    const [first, last] = [orderedOf(after), orderedOf(before)]
    const upTo = shelf?.count((task) => inOrder(task, last) < 0) ?? 0
    const notIn = shelf?.count((task) => inOrder(task, first) <= 0) ?? 0
    return Math.max(0, upTo - notIn - without.length)
  }

  #find(shortage: Shortage): readonly Waiting[] {
    const { after, limit } = shortage.look
    if ('dated' in shortage) return shortage.dated === 'expiring' ? this.#expiring.after(after, limit) : []
    const { place } = shortage.lane
    return this.#lanes.get(nameOf(place.key, place))?.after(after, limit) ?? []
  }
}

function orderedOf({ turnAt, ...mark }: LaneMark): Ordered {
  return { ...mark, priority: 0, notBefore: turnAt }
}

/** No name holds a line break. */
function nameOf(key: string | null, { tenant, pool, kind }: Omit<Place, 'key'>): string {
  return key === null ? `${pool}\n${kind}\n${tenant}` : `${pool}\n${kind}\n${tenant}\n${key}`
}
