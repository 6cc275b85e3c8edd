/**
 * What to do next: a pure decision over the board. The loop lets the board advance, asks until there is nothing left to
 * do, and applies each decision to the board before it asks again.
 *
 *     expire   what has waited too long, even while nothing may start
 *     start    the first task of the first pool that has both a task and a slot
 *
 * The decisions stand in the order in which they are tried; another kind joins as one more line of `plan`.
 */
import { POOLS } from '../task/task.ts'
import type { Board } from './board.ts'
import type { Slot } from './slots.ts'
import type { Waiting } from './waiting.ts'

/** What a plan may see of the board: nothing that changes it. */
export type Picture = Pick<Board, 'holds' | 'first' | 'freeSlot' | 'expired'>

/** Every decision carries its reason, for a person to read. */
export type Decision =
  | { readonly do: 'expire'; readonly task: Waiting; readonly reason: string }
  | { readonly do: 'start'; readonly task: Waiting; readonly slot: Slot; readonly reason: string }

export function plan(board: Picture, now: number): Decision | undefined {
  return planExpiry(board, now) ?? planStart(board)
}

function planExpiry(board: Picture, now: number): Decision | undefined {
  const task = board.expired(now)
  return task && { do: 'expire', task, reason: 'its time to live ended before it could start' }
}

function planStart(board: Picture): Decision | undefined {
  if (board.holds.length > 0) return undefined
  for (const pool of POOLS) {
    const task = board.first(pool)
    const slot = board.freeSlot(pool)
    if (task && slot) return { do: 'start', task, slot, reason: whyStart(task, slot) }
  }
  return undefined
}

function whyStart(task: Waiting, slot: Slot): string {
  const turn = task.front ? 'requeued without fault of its own, so in front' : 'first in order'
  return `${turn} of pool ${task.pool}; a ${slot} slot is free`
}
