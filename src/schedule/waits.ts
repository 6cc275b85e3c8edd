/** When a task waited, and for what, as its attempts tell. */
import type { AttemptRecord, HeldFor, Waited } from '../journal/attempts.ts'
import type { Outcome } from '../task/endings.ts'

/** Milliseconds since 1970; `until` is null while it still waits. */
export interface Wait {
  readonly from: number
  readonly until: number | null
  readonly for: string
  /** What held it back meanwhile, the longest first; empty while it was not due, and where that is not known. */
  readonly rules: readonly HeldFor[]
}

type Attempted = Pick<AttemptRecord, 'startedAt' | 'endedAt' | 'outcome' | 'waited'>

interface Times {
  readonly createdAt: number
  readonly settledAt: number | null
  /** Before it may not start, as far as it has not started. */
  readonly notBefore: number | null
  /** It waits now, and for this since it was due; null where that is not known. */
  readonly queued: { readonly waited: Waited | null; readonly now: number } | null
}

/** Why it waits: until it is due, and for its turn from then on. */
interface Why {
  readonly due: string
  readonly turn: string
}

const first: Why = { due: 'its time: it was not to start before', turn: 'its turn' }
const afterFailure: Why = {
  due: 'the pause before its next attempt: the one before had failed',
  turn: 'its turn again: the attempt before had failed',
}
const ofCleanup: Why = { due: 'its cleanup’s turn', turn: 'its cleanup’s turn' }
const afterOutcome: Readonly<Partial<Record<Outcome, Why>>> = {
  preempted: again('it had made room for another task, or its window had closed'),
  interrupted: again('the server had stopped or lost its process, without fault of its own'),
  suspended: { due: 'what it was suspended for', turn: 'its turn again: it had been suspended' },
  not_started: {
    due: 'another try to start a process for it',
    turn: 'its turn again: no process could be started for it',
  },
  succeeded: ofCleanup,
  cancelled: ofCleanup,
}

function again(why: string): Why {
  return { due: `its turn again: ${why}`, turn: `its turn again: ${why}` }
}

interface Gap {
  readonly from: number
  readonly until: number | null
  readonly why: Why
  readonly waited: Waited | null
}

/** The gaps before, between and after attempts; the last is open as long as it is queued. */
export function waitsOf(times: Times, attempts: readonly Attempted[]): readonly Wait[] {
  const { createdAt, settledAt, notBefore, queued } = times
  const starts = [{ from: createdAt, why: first }, ...attempts.flatMap(gapAfter)]
  const last: Waited | null = queued?.waited ?? (notBefore === null ? null : { dueAt: notBefore, rules: [] })
  const gaps = starts.map(({ from, why }, index): Gap => {
    const next = attempts[index]
    if (next) return { from, why, until: next.startedAt, waited: next.waited }
    return { from, why, until: queued ? null : settledAt, waited: last }
  })
  // When its last attempt settles the task ends in the same moment, and waits for nothing any more.
  const real = gaps.filter(({ from, until }) => (until === null ? queued !== null : until > from))
  return real.flatMap((gap) => splitAt(gap, queued?.now))
}

/** What of it came before the task was due, and what after. */
function splitAt({ from, until, why, waited }: Gap, now: number | undefined): readonly Wait[] {
  const end = until ?? now ?? from
  const dueAt = waited?.dueAt ?? from
  if (dueAt >= end && dueAt > from) return [{ from, until, for: why.due, rules: [] }]
  const turn = { from: Math.max(from, dueAt), until, for: why.turn, rules: waited?.rules ?? [] }
  return dueAt > from ? [{ from, until: dueAt, for: why.due, rules: [] }, turn] : [turn]
}

function gapAfter({ endedAt, outcome }: Attempted): Pick<Gap, 'from' | 'why'>[] {
  if (endedAt === null || outcome === null) return []
  return [{ from: endedAt, why: afterOutcome[outcome] ?? afterFailure }]
}
