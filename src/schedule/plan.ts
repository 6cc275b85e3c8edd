/**
 * What to do next: a pure decision over the board. The loop lets the board advance, asks until there is nothing left to
 * do, and applies each decision to the board before it asks again.
 *
 *     expire   what has waited too long, even while nothing may start
 *     start    whoever was promised a slot and can have one; else the first task of the first pool that has both a task
 *              and a slot
 *     preempt  what still runs though its window has closed; then, for a task that finds no room, as few as will do
 *
 * The decisions stand in the order in which they are tried; another kind joins as one more line of `plan`.
 */
import { POOLS, type Pool } from '../task/task.ts'
import type { Board } from './board.ts'
import type { Slot } from './room.ts'
import type { Waiting } from './waiting.ts'

/** What a plan may see of the board: nothing that changes it. */
export type Picture = Pick<Board, 'expired'> & {
  readonly pools: Pick<Board['pools'], 'holds' | 'first' | 'freeSlot' | 'fits' | 'mayRunMore'>
  readonly closing: Pick<Board['closing'], 'next'>
  readonly promises: Pick<Board['promises'], 'next' | 'isWithheld' | 'victimsFor'>
}

/** Every decision carries its reason, for a person to read. */
export type Decision =
  | { readonly do: 'expire'; readonly task: Waiting; readonly reason: string }
  | {
      readonly do: 'start'
      readonly task: Waiting
      readonly slot: Slot
      /** What was ended so that it finds a slot. */
      readonly preempted: readonly Waiting[]
      readonly reason: string
    }
  | {
      readonly do: 'preempt'
      readonly victims: readonly Waiting[]
      /** Who gets the slot; null when a window has closed. */
      readonly task: Waiting | null
      readonly reason: string
    }

/** For whom others are ended. */
const preemptors: readonly Pool[] = ['critical', 'normal']

export function plan(board: Picture, now: number): Decision | undefined {
  const expiry = planExpiry(board, now)
  if (expiry || board.pools.holds.length > 0) return expiry
  return planPromised(board) ?? planStart(board) ?? planClosing(board) ?? planPreemption(board, now)
}

function planExpiry(board: Picture, now: number): Decision | undefined {
  const task = board.expired(now)
  return task && { do: 'expire', task, reason: 'its time to live ended before it could start' }
}

function planPromised(board: Picture): Decision | undefined {
  const next = board.promises.next()
  return next && { do: 'start', ...next, reason: whyPromised(next.slot) }
}

/** Memory is kept for the first that needs it, so that a large task is not passed for ever by small ones. */
function planStart(board: Picture): Decision | undefined {
  for (const pool of POOLS) {
    const task = board.pools.first(pool)
    const slot = board.pools.freeSlot(pool)
    if (!task || !slot || board.promises.isWithheld(slot)) continue
    if (!board.pools.fits(task)) return undefined
    return { do: 'start', task, slot, preempted: [], reason: whyStart(task, slot) }
  }
  return undefined
}

function planClosing(board: Picture): Decision | undefined {
  const victim = board.closing.next()?.task
  return victim && { do: 'preempt', victims: [victim], task: null, reason: 'the window in which it may run has closed' }
}

function planPreemption(board: Picture, now: number): Decision | undefined {
  for (const pool of preemptors) {
    const task = board.pools.mayRunMore(pool) ? board.pools.first(pool) : undefined
    const victims = task && board.promises.victimsFor(task, now)
    if (!victims) continue
    const reason = `a ${pool} task was due and found no room`
    return { do: 'preempt', victims: victims.map((victim) => victim.task), task, reason }
  }
  return undefined
}

function whyPromised(slot: Slot): string {
  return `it was due and found no room, so others were ended for it; a ${slot} slot is free`
}

function whyStart(task: Waiting, slot: Slot): string {
  const turn = task.front ? 'requeued without fault of its own, so in front' : 'first in order'
  return `${turn} of pool ${task.pool}; a ${slot} slot is free`
}
