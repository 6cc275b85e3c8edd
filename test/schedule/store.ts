import type { Board } from '../../src/schedule/board.ts'
import { timeOf } from '../../src/schedule/calendar.ts'
import { inOrder } from '../../src/schedule/order.ts'
import type { Shortage } from '../../src/schedule/waiters.ts'
import type { Waiting } from '../../src/schedule/waiting.ts'

/** The queued tasks of a journal, as plainly as can be: what the board left to it, it finds again. */
export class Store {
  readonly tasks = new Map<string, Waiting>()

  /** Answers what the board is short of, until it is not. */
  restock(board: Board, now: number): void {
    let left = 1_000
    for (let short = board.takeShortages(); short.length > 0; short = board.takeShortages()) {
      if (left-- === 0) throw new Error('There is no end of it: the board is always short.')
      for (const shortage of short) board.fill(shortage, this.find(shortage, now))
    }
  }

  find(shortage: Shortage, now: number): Waiting[] {
    const { after, limit } = shortage.look
    const known = [...this.tasks.values()].filter((task) => !task.isOnlyHere)
    if ('lane' in shortage) {
      const { tenant, pool, kind, key } = shortage.lane.place
      const inLane = (task: Waiting) =>
        task.tenant === tenant && task.pool === pool && task.kind === kind && (task.concurrency?.key ?? null) === key
      const isDue = ({ notBefore, awaits }: Waiting) =>
        (notBefore ?? 0) <= now && (awaits.length === 0 || notBefore !== null)
      const behind = known.filter((task) => inLane(task) && isDue(task) && inOrder(task, after) > 0)
      return behind.sort(inOrder).slice(0, limit)
    }
    const field = shortage.dated === 'later' ? 'notBefore' : 'expiresAt'
    const order = (a: Waiting, b: Waiting) =>
      timeOf(a, field) - timeOf(b, field) || Number(a.id > b.id) - Number(a.id < b.id)
    const waits = (task: Waiting) => task[field] !== null && (field === 'expiresAt' || task.awaits.length === 0)
    return known
      .filter((task) => waits(task) && order(task, after) > 0)
      .sort(order)
      .slice(0, limit)
  }
}
