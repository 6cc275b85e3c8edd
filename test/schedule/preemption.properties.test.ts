import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Decision, plan } from '../../src/schedule/plan.ts'
import { noLimit } from '../../src/schedule/policy.ts'
import { actions, policies, Struggle } from './struggle.ts'

interface Witness {
  readonly decided?: (struggle: Struggle, decision: Decision) => void
  readonly quiet?: (struggle: Struggle) => void
}

const numRuns = 400

function always({ decided, quiet }: Witness): void {
  const property = fc.property(policies, actions, (policy, actions) => {
    const struggle = new Struggle(policy)
    for (const action of actions) {
      struggle.meet(action)
      struggle.turn((decision) => decided?.(struggle, decision))
      quiet?.(struggle)
    }
  })
  fc.assert(property, { numRuns })
}

type Start = Decision & { readonly do: 'start' }
type Preempt = Decision & { readonly do: 'preempt' }

const onStart = (check: (struggle: Struggle, decision: Start) => void) =>
  always({ decided: (struggle, decision) => decision.do === 'start' && check(struggle, decision) })

const onPreempt = (check: (struggle: Struggle, decision: Preempt) => void) =>
  always({ decided: (struggle, decision) => decision.do === 'preempt' && check(struggle, decision) })

describe('SAFETY: while tasks are ended for others', () => {
  test('no slot is given twice, and the slots of the critical pool are lent to nobody', () =>
    onStart((struggle, { task, slot }) => {
      const { policy, usable } = struggle
      const most = slot === 'critical' ? policy.pools.critical.min : usable
      expect(struggle.inSlots(slot)).toBeLessThan(most)
      if (slot === 'critical') expect(task.pool).toBe('critical')
      const kept = Math.max(0, policy.pools.batch.min - struggle.ofPool('batch'))
      if (task.pool === 'normal') expect(struggle.inSlots('shared')).toBeLessThan(usable - kept)
    }))

  test('nothing starts beyond a limit of its tenant, its kind, its key, its memory or the memory of all', () =>
    onStart((struggle, { task }) => {
      const all = [...struggle.running.values()].map((one) => one.task)
      const own = all.filter(({ tenant }) => tenant === task.tenant)
      const terms = struggle.tenantPolicy(task.tenant)
      const used = (tasks: typeof all) => tasks.reduce((sum, one) => sum + one.memoryMiB, task.memoryMiB)
      expect(own.length).toBeLessThan(terms.running)
      expect(used(own)).toBeLessThanOrEqual(terms.memoryMiB)
      expect(used(all)).toBeLessThanOrEqual(struggle.policy.memoryMiB)
      const ofKind = all.filter(({ kind }) => kind === task.kind)
      expect(ofKind.length).toBeLessThan(struggle.policy.kinds.get(task.kind)?.running ?? noLimit)
      const sharing = own.filter(({ concurrency }) => concurrency?.key === task.concurrency?.key)
      const limits = [...sharing, task].map(({ concurrency }) => concurrency?.limit ?? noLimit)
      if (task.concurrency) expect(sharing.length).toBeLessThan(Math.min(...limits))
    }))

  test('nothing starts that runs, is not due, has expired, is paused, or while the board is held', () =>
    onStart((struggle, { task }) => {
      expect(struggle.running.has(task.id)).toBe(false)
      expect(struggle.waiting.get(task.id)).toBe(task)
      expect(task.notBefore ?? 0).toBeLessThanOrEqual(struggle.now)
      expect(task.expiresAt ?? noLimit).toBeGreaterThan(struggle.now)
      expect([struggle.isPaused(task), struggle.isHeld]).toEqual([false, false])
    }))

  test('nobody is ended twice at once, and nobody who does not run', () =>
    onPreempt((struggle, { victims }) => {
      expect(new Set(victims).size).toBe(victims.length)
      for (const { id } of victims) expect(struggle.running.get(id)).toMatchObject({ isEnding: false })
    }))

  test('only batch ends for others, no cleanup, nobody in its first seconds, and nobody too often', () =>
    onPreempt((struggle, { victims, task }) => {
      const { exemptSeconds, most } = struggle.policy.preemption
      for (const { id, pool, isCleanup, preemptions } of victims) {
        expect(isCleanup).toBe(false)
        if (!task) continue
        expect(pool).toBe('batch')
        expect(preemptions).toBeLessThan(most)
        expect(struggle.now).toBeGreaterThanOrEqual((struggle.running.get(id)?.startedAt ?? 0) + 1000 * exemptSeconds)
      }
    }))

  test('only for tasks of higher pools that are due and may start but for the room', () =>
    onPreempt((struggle, { task }) => {
      if (!task) return
      expect(task.pool).not.toBe('batch')
      expect(struggle.waiting.get(task.id)).toBe(task)
      expect([struggle.isPaused(task), struggle.isHeld]).toEqual([false, false])
      expect(task.notBefore ?? 0).toBeLessThanOrEqual(struggle.now)
    }))

  test('no task is ever ended for another more often than may be', () =>
    always({
      quiet: ({ displaced }) => {
        for (const times of displaced.values()) expect(times).toBeLessThanOrEqual(3)
      },
    }))

  test('nobody passes those for whom others end', () =>
    onStart(({ policy, promised }, { task, slot, preempted }) => {
      const { normal, batch } = policy.pools
      // What another pool keeps for itself is not what comes free for them.
      if (slot === 'critical' || normal.min + batch.min > 0 || preempted.length > 0) return
      if (!promised.has(task.id)) expect([...promised]).toEqual([])
    }))

  test('the board counts what there is', () =>
    always({
      quiet: (struggle) => {
        for (const pool of ['critical', 'normal', 'batch'] as const) {
          const queued = [...struggle.waiting.values()].filter((task) => task.pool === pool).length
          expect(struggle.board.figures.counts()[pool]).toEqual({ queued, running: struggle.ofPool(pool) })
        }
      },
    }))
})

describe('LIVENESS: while tasks are ended for others', () => {
  test('whoever was ended comes back, everything ends, and nothing stays promised', () => {
    const property = fc.property(policies, actions, (policy, actions) => {
      const struggle = new Struggle(policy)
      for (const action of actions) {
        struggle.meet(action)
        struggle.turn()
      }
      struggle.relent()
      const rounds = 20 + 3 * struggle.waiting.size + struggle.running.size
      for (let left = rounds; left > 0 && struggle.waiting.size + struggle.running.size > 0; left -= 1) round(struggle)
      expect([...struggle.waiting.values(), ...struggle.running.values()]).toEqual([])
      expect(struggle.board.promises.next()).toBeUndefined()
      expect(struggle.board.figures.tenants()).toEqual([])
    })
    fc.assert(property, { numRuns: 300 })
  })

  test('when nothing is left to do, nothing changes before the board asks to be woken', () =>
    always({
      quiet: (struggle) => {
        const { board, now } = struggle
        const wakeAt = Math.min(board.nextWakeAt(now) ?? noLimit, now + 600_000)
        if (wakeAt <= now + 1) return
        board.advance(wakeAt - 1)
        struggle.now = wakeAt - 1
        const next = plan(board, wakeAt - 1)
        // What runs moves the order of the tenants, and one that needs memory may no longer be first.
        const tenants = new Set([...struggle.waiting.values()].map((task) => task.tenant))
        if (struggle.granted.size === 0 && tenants.size < 2) expect(next).toBeUndefined()
        expect(next?.do ?? 'start').toBe('start')
      },
    }))
})

/** Whoever is asked to end yields, the others end, and time passes. */
function round(struggle: Struggle): void {
  struggle.turn()
  for (const { task, isEnding } of [...struggle.running.values()]) struggle.end(task.id, isEnding)
  const wakeAt = struggle.board.nextWakeAt(struggle.now)
  struggle.turn()
  if (wakeAt !== undefined) struggle.now = Math.max(struggle.now, wakeAt)
}
