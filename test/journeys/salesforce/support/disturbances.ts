/** What can happen at a request to an org or to an attempt, and what may then become of the task whose they are. */
import type { Answer } from '../../../emulator/answer.ts'
import * as faults from '../../../emulator/fault-actions.ts'
import type { FaultAction } from '../../../emulator/faults.ts'

/** What a disturbance can do to the task whose request it is. */
export interface Victim {
  kill(): Promise<void>
  restart(): Promise<void>
  /** Has a task of a higher pool ask for its slot. */
  preempt(): Promise<void>
  /** Whether that task has got it, while the request waits: those of the highest pool keep theirs. */
  isPreempted(): Promise<boolean>
  /** Resolves when it is asked to make way, or is not. */
  isAskedToGo(): Promise<unknown>
  cancel(): Promise<void>
}

export interface Disturbance {
  readonly name: string
  /** At a request of the task or its children. */
  readonly action?: (victim: Victim) => FaultAction
  /** To an attempt of the task itself that has begun, and does nothing meanwhile; as a parent does that waits for children. */
  readonly toAttempt?: (victim: Victim) => Promise<unknown>
  /** `fail`: it may end so, with a sentence. `cancel`: it ends so, unless it has ended before. */
  readonly may?: 'fail' | 'cancel'
  /** How an attempt or the task ends that it has happened to: a cell without one has proved nothing. */
  readonly ends?: 'crashed' | 'preempted' | 'cancelled'
  /** It fails nothing, and is still something that is wrong with the org. */
  readonly isOfOrg?: boolean
  /** All later requests, too. */
  readonly isLasting?: boolean
  /** Whether it can happen at a request to this path; at any where left out. */
  readonly happensAt?: (path: string) => boolean
}

const nobody: Answer = { status: 0, wire: { kind: 'reset' } }

type Does = (victim: Victim) => Promise<unknown>
type More = Omit<Partial<Disturbance>, 'name' | 'action'>

/** Before the org does what is asked, and nobody gets an answer. */
const before = (name: string, does: Does, more: More = {}): Disturbance => ({
  ...more,
  name,
  action: (victim) => async () => {
    await does(victim)
    return nobody
  },
})

/** After the org has done it, and nobody gets an answer. */
const after = (name: string, does: Does, more: More = {}): Disturbance => ({
  ...more,
  name,
  action: (victim) => async (_org, _request, genuine) => {
    await genuine()
    await does(victim)
    return nobody
  },
})

/** Meanwhile: the answer comes as usual, if anybody still wants it. */
const beside = (name: string, does: Does, more: More = {}): Disturbance => ({
  ...more,
  name,
  action: (victim) => async (_org, _request, genuine) => {
    await does(victim)
    return genuine()
  },
})

/** While the answer does not come; it does where nothing ends the waiting. */
const stalled = (name: string, does: Does, more: More = {}): Disturbance => ({
  ...more,
  name,
  action: (victim) => async (org, request, genuine) => {
    const stall = await faults.stall()(org, request, genuine)
    const isOver = await does(victim)
    return isOver === false ? { ...stall, wire: { kind: 'delay', ms: 0 } } : stall
  },
})

const fault = (name: string, action: FaultAction, more: More = {}): Disturbance => ({
  ...more,
  name,
  action: () => action,
})

/** What is no answer of the API: CSV that is cut within quotes, or a page in place of whatever it was. */
const malformed: FaultAction = async (org, request, genuine) => {
  const answer = await genuine()
  const type = Object.entries(answer.headers ?? {}).find(([name]) => name.toLowerCase() === 'content-type')?.[1]
  if (String(type).includes('csv')) return faults.malformedCsv('unclosedQuote')(org, request, async () => answer)
  return { status: 200, headers: { 'content-type': 'text/html' }, body: '<html><body>Please log in</body></html>' }
}

const killed = { ends: 'crashed' } as const
const preempted = { ends: 'preempted' } as const
const cancelled = { ends: 'cancelled', may: 'cancel' } as const

export const disturbances: readonly Disturbance[] = [
  before('kill-before', (victim) => victim.kill(), killed),
  after('kill-after', (victim) => victim.kill(), killed),
  stalled('kill-stalled', (victim) => victim.kill(), killed),
  { name: 'kill-begun', toAttempt: (victim) => victim.kill(), ...killed },
  before('restart-before', (victim) => victim.restart()),
  after('restart-after', (victim) => victim.restart()),
  beside('preempt', (victim) => victim.preempt(), preempted),
  stalled(
    'preempt-stalled',
    async (victim) => {
      await victim.preempt()
      return victim.isPreempted()
    },
    preempted,
  ),
  {
    name: 'preempt-begun',
    async toAttempt(victim) {
      await victim.preempt()
      await victim.isAskedToGo()
    },
    ...preempted,
  },
  beside('cancel', (victim) => victim.cancel(), cancelled),
  after('cancel-lost', (victim) => victim.cancel(), cancelled),
  stalled('cancel-stalled', (victim) => victim.cancel(), cancelled),
  {
    // What cleans up has to ask for a session first.
    name: 'cancel-expired',
    action: (victim) => async (org, _request, genuine) => {
      await genuine()
      org.expireSessions()
      await victim.cancel()
      return nobody
    },
    ...cancelled,
  },
  // Who asks for a session has none that could have ended.
  fault('expired-session', faults.expiredSession, { happensAt: (path) => !path.startsWith('/services/oauth2/') }),
  fault('reset', faults.resetBeforeHeaders),
  fault('cut', faults.resetMidBody()),
  fault('lost', faults.lostResponse),
  // These end when the client has waited long enough.
  fault('silence', faults.silence({ isDone: false })),
  fault('silence-done', faults.silence({ isDone: true })),
  fault('stall', faults.stall(20)),
  fault('maintenance', faults.maintenance),
  fault('maintenance-page', faults.maintenancePage),
  fault('concurrent-limit', faults.concurrentLimit),
  fault('daily-limit', faults.dailyLimit, { isOfOrg: true }),
  fault('gone-once', faults.gone, { may: 'fail' }),
  fault('gone', faults.gone, { may: 'fail', isLasting: true }),
  fault('malformed', malformed, { may: 'fail' }),
]
