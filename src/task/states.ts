/**
 * The states of a task and the moves between them.
 *
 *     queued ──► starting ──► running ──► settling ──► succeeded | failed | cancelled
 *       ▲ │          └──────────────────────┘ │
 *       │ └─► cancelled                       │
 *       └────── retry, requeue, suspension ───┘
 *
 * Terminal states never change: not by recovery, not by a late report, not by a timer.
 */
export const STATES = ['queued', 'starting', 'running', 'settling', 'succeeded', 'failed', 'cancelled'] as const

export type State = (typeof STATES)[number]

/** The states in which an attempt is open: a process may live. */
export const ACTIVE: readonly State[] = ['starting', 'running', 'settling']

const moves: Record<State, readonly State[]> = {
  queued: ['starting', 'cancelled'],
  starting: ['running', 'settling'],
  running: ['settling'],
  settling: ['queued', 'succeeded', 'failed', 'cancelled'],
  succeeded: [],
  failed: [],
  cancelled: [],
}

export function canMove(from: State, to: State): boolean {
  return moves[from].includes(to)
}

export function isTerminal(state: State): boolean {
  return moves[state].length === 0
}

/** The state that an event brings its task into; undefined for one that changes no state that is seen outside. */
export function stateAfter(event: string): State | undefined {
  return Object.hasOwn(after, event) ? after[event] : undefined
}

const after: Readonly<Record<string, State>> = {
  'task.queued': 'queued',
  'task.starting': 'starting',
  'task.started': 'running',
  'task.requeued': 'queued',
  'task.retrying': 'queued',
  'task.suspended': 'queued',
  'task.succeeded': 'succeeded',
  'task.failed': 'failed',
  'task.cancelled': 'cancelled',
}
