/** When a task waited, and for what, as its attempts tell. */
import type { AttemptRecord } from '../journal/journal.ts'
import type { Outcome } from '../task/endings.ts'

/** Milliseconds since 1970; `until` is null while it still waits. */
export interface Wait {
  readonly from: number
  readonly until: number | null
  readonly for: string
}

type Attempted = Pick<AttemptRecord, 'startedAt' | 'endedAt' | 'outcome'>

interface Times {
  readonly createdAt: number
  readonly settledAt: number | null
  /** It waits now. */
  readonly isQueued: boolean
}

const afterOutcome: Readonly<Partial<Record<Outcome, string>>> = {
  preempted: 'its turn again: it had made room for another task',
  interrupted: 'its turn again: its attempt was interrupted, without fault of its own',
  suspended: 'what it was suspended for, and its turn',
  not_started: 'its turn again: no process could be started for it',
  succeeded: 'its cleanup’s turn',
  cancelled: 'its cleanup’s turn',
}
const afterFailure = 'its next attempt: the one before had failed'

/** The gaps before, between and after attempts; the last is open as long as it is queued. */
export function waitsOf({ createdAt, settledAt, isQueued }: Times, attempts: readonly Attempted[]): readonly Wait[] {
  const gaps = [{ from: createdAt, for: 'its time and its turn' }, ...attempts.flatMap(gapAfter)]
  const waits = gaps.map((gap, index) => {
    const until = attempts[index]?.startedAt ?? (isQueued ? null : settledAt)
    return { ...gap, until }
  })
  // When its last attempt settles the task ends in the same moment, and waits for nothing any more.
  return waits.filter(({ from, until }) => (until === null ? isQueued : until > from))
}

function gapAfter({ endedAt, outcome }: Attempted): Pick<Wait, 'from' | 'for'>[] {
  if (endedAt === null || outcome === null) return []
  return [{ from: endedAt, for: afterOutcome[outcome] ?? afterFailure }]
}
