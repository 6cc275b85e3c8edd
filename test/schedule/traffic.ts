/** Random traffic through a real board and plan, by a virtual clock: what happened against what had been foreseen. */
import { beforeOwn, ownBefore } from '../../src/schedule/ahead.ts'
import { Board } from '../../src/schedule/board.ts'
import { type Forecast, forecast } from '../../src/schedule/forecast.ts'
import { Heap } from '../../src/schedule/heap.ts'
import { normal, sourceOf } from '../../src/schedule/likely.ts'
import { outlookOf } from '../../src/schedule/outlook.ts'
import { plan } from '../../src/schedule/plan.ts'
import { heldBy } from '../../src/schedule/rules.ts'
import type { Waiting } from '../../src/schedule/waiting.ts'
import { type Own, workAhead } from '../../src/schedule/work.ts'
import type { Pool } from '../../src/task/task.ts'
import { policyOf, type Terms, waiting } from './fixture.ts'

export interface Kind {
  readonly kind: string
  readonly pool: Pool
  /** The middle of what it takes, and how far it varies: ln of one standard deviation. */
  readonly medianSeconds: number
  readonly spread: number
}

export interface Traffic {
  readonly seed: number
  readonly terms: Terms
  readonly tenants: number
  readonly kinds: readonly Kind[]
  /** Of the slots' time, what comes in the long run. */
  readonly load: number
  /** Tasks that come together, at the most. */
  readonly burst: number
  readonly hours: number
}

export interface Foreseen {
  readonly pool: Pool
  readonly forecast: Forecast
  readonly startSeconds: number
  readonly endSeconds: number
}

const noEdge = { lane: { most: 1e9, low: 0 }, dated: { most: 1e9, low: 0 } }

type Happening = { readonly at: number } & ({ readonly ends: string } | { readonly tenant: string })

/** What was foreseen of tasks when they came and only had to wait for their turn, and what became of them. */
export function foreseen(traffic: Traffic): readonly Foreseen[] {
  const { seed, terms, kinds, tenants, load, burst, hours } = traffic
  const random = sourceOf(seed)
  const board = new Board(policyOf(terms), noEdge)
  const happenings = new Heap<Happening>((a, b) => a.at - b.at)
  const open = new Map<string, { readonly at: number; readonly forecast: Forecast; startedAt: number }>()
  const done: Foreseen[] = []
  const slots = (terms.sharedSlots ?? 2) + 1
  const mean = kinds.reduce((sum, one) => sum + one.medianSeconds * Math.exp(one.spread ** 2 / 2), 0) / kinds.length
  const gapMs = (1000 * ((mean * (1 + burst)) / 2) * tenants) / (slots * load)
  const wait = () => -Math.log(1 - random()) * gapMs
  let added = 0

  const turn = (now: number): readonly string[] => {
    const started: string[] = []
    board.advance(now)
    for (let next = plan(board, now); next?.do === 'start'; next = plan(board, now)) {
      const { id, kind } = next.task
      board.start(id, now)
      started.push(id)
      const { medianSeconds, spread } = kinds.find((one) => one.kind === kind) as Kind
      happenings.put({ at: now + 1000 * medianSeconds * Math.exp(spread * normal(random)), ends: id })
      const seen = open.get(id)
      if (seen) seen.startedAt = now
    }
    return started
  }

  const come = (tenant: string, now: number) => {
    const { kind, pool } = kinds[Math.floor(random() * kinds.length)] as Kind
    const tasks = Array.from({ length: 1 + Math.floor(random() * burst) }, () => {
      added += 1
      return waiting(`${added}`.padStart(9, '0'), { tenant, kind, pool, createdAt: now })
    })
    for (const task of tasks) board.add(task)
    turn(now)
    const task = tasks[Math.floor(random() * tasks.length)] as Waiting
    if (board.scene.waiters.get(task.id)) foresee(task, now)
  }

  const foresee = (task: Waiting, now: number) => {
    const one = { scene: board.scene, task, now }
    const waitsForTurn = heldBy(one).every(({ rule }) => rule === 'turn' || rule === 'slots' || rule === 'reserved')
    const own: Own[] = beforeOwn(one).map((before) => ownBefore(one, before, before.here))
    if (waitsForTurn)
      open.set(task.id, { at: now, forecast: forecast(outlookOf(one, own, workAhead(one, own))), startedAt: now })
  }

  const end = (id: string, now: number) => {
    const { task } = board.scene.runners.get(id) ?? {}
    board.end(id, now, 'typical')
    const seen = open.get(id)
    if (seen && task && now > learnMs) {
      const { at, startedAt, forecast } = seen
      done.push({ pool: task.pool, forecast, startSeconds: (startedAt - at) / 1000, endSeconds: (now - at) / 1000 })
    }
    open.delete(id)
    turn(now)
  }

  for (let one = 0; one < tenants; one += 1) happenings.put({ at: wait(), tenant: `tenant-${one}` })
  const learnMs = hours * 360_000
  for (let next = happenings.first; next && next.at < hours * 3_600_000; next = happenings.first) {
    happenings.delete(next)
    if ('ends' in next) end(next.ends, next.at)
    else {
      come(next.tenant, next.at)
      happenings.put({ at: next.at + wait(), tenant: next.tenant })
    }
  }
  return done
}

/** Of the starts and ends, the part that came before what was foreseen as their middle, and as their ninth tenth. */
export function calibration(all: readonly Foreseen[]) {
  const share = (fits: (one: Foreseen) => boolean) => all.filter(fits).length / all.length
  return {
    count: all.length,
    start50: share(({ startSeconds, forecast: { start } }) => startSeconds <= start.p50Seconds),
    start90: share(({ startSeconds, forecast: { start } }) => startSeconds <= start.p90Seconds),
    end50: share(({ endSeconds, forecast: { end } }) => endSeconds <= end.p50Seconds),
    end90: share(({ endSeconds, forecast: { end } }) => endSeconds <= end.p90Seconds),
  }
}
