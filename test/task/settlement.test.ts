import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classify } from '../../src/task/classify.ts'
import { maxCleanupFailures } from '../../src/task/cleanup.ts'
import type { Ending } from '../../src/task/endings.ts'
import { backoffMs, defaultSettlePolicy, settlementOf } from '../../src/task/settlement.ts'
import { canMove, isTerminal } from '../../src/task/states.ts'
import type { Task } from '../../src/task/task.ts'
import { taskLike } from './fixture.ts'

const message = fc.constant('m')
const anyEnding: fc.Arbitrary<Ending> = fc.oneof(
  fc.jsonValue().map((result) => ({ cause: 'result', result }) as Ending),
  fc.boolean().map((retryable) => ({ cause: 'error', error: { code: 'MINE', message: 'm', retryable } }) as Ending),
  fc.constantFrom<Ending>({ cause: 'exit' }, { cause: 'stop' }),
  fc.record({
    cause: fc.constantFrom('broken_frame', 'memory', 'run_time', 'silence', 'output', 'disk', 'not_started', 'secret'),
    message,
  }) as fc.Arbitrary<Ending>,
  fc.record({ cause: fc.constant('cancel' as const), reason: fc.option(message) }),
  fc.record({ cause: fc.constant('preempt' as const), reason: message }),
  fc.record({ cause: fc.constant('lost' as const), explained: fc.boolean() }),
  fc.record({ cause: fc.constant('suspend' as const), resumeAt: fc.nat(), awaits: fc.constant(null) }),
)

const anyTask = fc
  .record({
    failures: fc.nat(20),
    startFailures: fc.nat(6),
    losses: fc.nat(4),
    retry: fc.record({
      maxAttempts: fc.integer({ min: 1, max: 20 }),
      backoffSeconds: fc.double({ min: 0, max: 86_400, noNaN: true }),
      maxBackoffSeconds: fc.double({ min: 0, max: 7 * 86_400, noNaN: true }),
    }),
  })
  .map((fields) => taskLike({ state: 'settling', ...fields }))

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const now = 1_700_000_000_000

const anyEnd = fc.record({ task: anyTask, ending: anyEnding, cancelRequested: fc.boolean(), random })

interface End {
  readonly task: Task
  readonly ending: Ending
  readonly cancelRequested: boolean
  readonly random: number
  readonly needsCleanup?: boolean
}

function settle(end: End) {
  const verdict = classify(end.ending, { exit: { code: null, signal: 'SIGKILL' }, lastOutput: '' })
  return settlementOf({ needsCleanup: false, ...end, verdict, now }, defaultSettlePolicy)
}

describe('a settlement', () => {
  it('is a legal move, and its event says which', () => {
    fc.assert(
      fc.property(anyEnd, (end) => {
        const { change, event } = settle(end)
        expect(canMove('settling', change.state)).toBe(true)
        if (isTerminal(change.state)) {
          expect(event).toBe(`task.${change.state}`)
          expect(change).toMatchObject({ settledAt: now, outcome: expect.any(String) })
        } else {
          expect(['task.retrying', 'task.requeued', 'task.suspended']).toContain(event)
          expect(change.settledAt).toBeUndefined()
          expect(change.outcome).toBeNull()
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('counts at most one thing, by one, and never backwards', () => {
    fc.assert(
      fc.property(anyEnd, (end) => {
        const { change } = settle(end)
        const names = ['failures', 'startFailures', 'losses'] as const
        const steps = names.map((name) => (change[name] ?? end.task[name]) - end.task[name])
        expect(steps.every((step) => step === 0 || step === 1)).toBe(true)
        expect(steps.filter((step) => step === 1).length).toBeLessThanOrEqual(1)
        const isInnocent = ['result', 'cancel', 'preempt', 'stop', 'suspend'].includes(end.ending.cause)
        if (isInnocent) expect(steps).toEqual([0, 0, 0])
      }),
      { numRuns: 1_000 },
    )
  })

  it('of a cancelled task is cancelled, unless it had succeeded first', () => {
    fc.assert(
      fc.property(anyEnd, (end) => {
        const { change } = settle({ ...end, cancelRequested: true })
        expect(change.state).toBe(end.ending.cause === 'result' ? 'succeeded' : 'cancelled')
      }),
    )
  })

  it('of a failure never outlasts the policy, and a fatal one ends at once', () => {
    fc.assert(
      fc.property(anyTask, fc.boolean(), random, (task, retryable, chance) => {
        const ending: Ending = { cause: 'error', error: { code: 'MINE', message: 'm', retryable } }
        const { change } = settle({ task, ending, cancelRequested: false, random: chance })
        const isLast = !retryable || task.failures + 1 >= task.retry.maxAttempts
        expect(change.state).toBe(isLast ? 'failed' : 'queued')
        if (isLast) expect(change.error?.retryable).toBe(false)
        else expect(change.notBefore).toBeGreaterThanOrEqual(now)
      }),
    )
  })

  it('of what was nobody’s fault stands in front, at once', () => {
    const innocents: Ending[] = [
      { cause: 'preempt', reason: 'm' },
      { cause: 'stop' },
      { cause: 'lost', explained: true },
    ]
    for (const ending of innocents) {
      const { change, event } = settle({ task: taskLike(), ending, cancelRequested: false, random: 0 })
      expect([change.state, change.front, change.notBefore, event]).toEqual(['queued', true, null, 'task.requeued'])
    }
  })

  it('of the third unexplained loss is poison', () => {
    const lose = (losses: number, explained = false) =>
      settle({ task: taskLike({ losses }), ending: { cause: 'lost', explained }, cancelRequested: false, random: 0 })
    expect(lose(1).change).toMatchObject({ state: 'queued', losses: 2 })
    expect(lose(2).change).toMatchObject({ state: 'failed', error: { code: 'POISON', retryable: false } })
    expect(lose(2, true).change).toMatchObject({ state: 'queued', losses: 2 })
  })

  it('of an attempt that never started has a budget of its own', () => {
    const ending: Ending = { cause: 'not_started', message: 'm' }
    const settleWith = (startFailures: number) =>
      settle({
        task: taskLike({ startFailures, retry: { maxAttempts: 1, backoffSeconds: 1, maxBackoffSeconds: 9 } }),
        ending,
        cancelRequested: false,
        random: 0,
      })
    expect(settleWith(3).change).toMatchObject({ state: 'queued', startFailures: 4, front: true })
    expect(settleWith(4).change).toMatchObject({ state: 'failed', startFailures: 5, error: { code: 'NOT_STARTED' } })
  })
})

describe('a settlement with a cleanup to come', () => {
  const begun = anyTask.map((task) => ({ ...task, startedAt: 1 }))
  const anyBegunEnd = fc.record({ task: begun, ending: anyEnding, cancelRequested: fc.boolean(), random })

  it('puts off exactly what would end the task without success, and has decided its outcome', () => {
    fc.assert(
      fc.property(anyBegunEnd, (end) => {
        const without = settle(end)
        const { change, event } = settle({ ...end, needsCleanup: true })
        if (without.change.state !== 'failed' && without.change.state !== 'cancelled') {
          expect(change).toEqual(without.change)
        } else {
          const { outcome, error } = without.change
          expect(change).toMatchObject({ state: 'queued', cleaning: without.change.state, outcome, error, front: true })
          expect(change.settledAt).toBeUndefined()
          expect(event).toBe('task.requeued')
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('ends as decided, however the cleanup comes out, after a bounded number of failures', () => {
    const anyCleaning = fc.record({ task: begun, state: fc.constantFrom('failed' as const, 'cancelled' as const) })
    fc.assert(
      fc.property(anyCleaning, fc.array(anyEnd, { minLength: 1, maxLength: 12 }), ({ task, state }, ends) => {
        let now: Task = { ...task, cleaning: state, outcome: 'crashed' }
        let counted = 0
        for (const { ending, cancelRequested, random } of ends) {
          const { change, cleanup } = settle({ task: now, ending, cancelRequested, random })
          counted += (change.cleanupFailures ?? now.cleanupFailures) - now.cleanupFailures
          expect(change.outcome).toBeUndefined()
          if (change.state !== 'queued') {
            expect([change.state, change.cleaning, typeof cleanup?.outcome]).toEqual([state, null, 'string'])
            return
          }
          now = { ...now, ...change, state: 'settling' }
        }
        expect(counted).toBeLessThan(maxCleanupFailures)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('a backoff', () => {
  it('doubles, within its bounds, with its last half by chance', () => {
    const policy = { maxAttempts: 9, backoffSeconds: 2, maxBackoffSeconds: 10 }
    expect([1, 2, 3, 4, 5].map((failures) => backoffMs(policy, failures, 0))).toEqual([1000, 2000, 4000, 5000, 5000])
    expect([1, 2, 3, 4].map((failures) => backoffMs(policy, failures, 0.5))).toEqual([1500, 3000, 6000, 7500])
    fc.assert(
      fc.property(anyTask, fc.integer({ min: 1, max: 1_000 }), random, ({ retry }, failures, chance) => {
        const wait = backoffMs(retry, failures, chance)
        expect(wait).toBeGreaterThanOrEqual(0)
        expect(wait).toBeLessThanOrEqual(retry.maxBackoffSeconds * 1000 + 1)
        expect(Number.isInteger(wait)).toBe(true)
      }),
    )
  })
})
