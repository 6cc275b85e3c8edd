import { Board } from '../../src/schedule/board.ts'
import { type Decision, plan } from '../../src/schedule/plan.ts'
import type { Slots } from '../../src/schedule/slots.ts'
import type { Waiting } from '../../src/schedule/waiting.ts'

/** A normal task of tenant `acme`, created at time 0, that may start at once. */
export function waiting(id: string, but: Partial<Waiting> = {}): Waiting {
  return {
    id,
    tenant: 'acme',
    kind: 'lint',
    pool: 'normal',
    attempt: 0,
    concurrency: null,
    priority: 0,
    notBefore: null,
    expiresAt: null,
    front: false,
    createdAt: 0,
    memoryMiB: 256,
    workspaceMiB: 64,
    awaits: [],
    hasBegun: false,
    ...but,
  }
}

/** A board with one slot for critical tasks and two for all, and room for every tenant, unless told otherwise. */
export function boardOf(tasks: readonly Waiting[], slots: Partial<Slots> = {}): Board {
  const board = new Board({ criticalSlots: 1, sharedSlots: 2, tenantRunning: 100, ...slots })
  for (const task of tasks) board.add(task)
  return board
}

/** What the loop does with a decision, as far as the board is concerned. */
export function apply(board: Board, decision: Decision): void {
  if (decision.do === 'start') board.start(decision.task.id)
  else board.remove(decision.task.id)
}

/** Decides and applies until there is nothing left to do; tells what was done. */
export function turn(board: Board, now = 0): readonly string[] {
  board.advance(now)
  const done: string[] = []
  for (let decision = plan(board, now); decision; decision = plan(board, now)) {
    done.push(`${decision.do} ${decision.task.id}`)
    apply(board, decision)
  }
  return done
}
