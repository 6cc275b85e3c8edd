/**
 * Fires what is due. It sleeps until the next schedule fires, never long, since the clock may be set and a laptop may
 * have slept; what it finds then is decided anew, from what is on disk, so that it does not matter who decided before.
 */
import type { Credential } from '../access/credential.ts'
import type { Decided, DuePlace, NewFire, ScheduleRecord, ScheduleRecords } from '../journal/schedules.ts'
import type { Clock } from '../system/clock.ts'
import type { Logger } from '../system/logger.ts'
import { Refusal, type RefusalCode } from '../task/errors.ts'
import { decide, type Step, setBackMs } from './decide.ts'
import { type FireDeps, fire, fired } from './fire.ts'

export interface TickerDeps extends FireDeps {
  readonly records: Pick<ScheduleRecords, 'standing' | 'due' | 'earliest' | 'active' | 'decide'>
  /** Whether what was granted by this token is still granted. */
  readonly stands: (tokenId: string) => boolean
  readonly clock: Clock
  readonly logger: Logger
}

const longestSleepMs = 30_000
/** After something that passes, such as a full disk: nothing was decided then. */
const restMs = 5_000
const pageSchedules = 64
/** Of one schedule in a row: all that it can have to catch up with, and some. */
const mostSteps = 256

/** What says nothing about the tick, and passes. */
const passing: readonly RefusalCode[] = ['STORE_FULL', 'STOPPING', 'TOO_MANY', 'INTERNAL']

export class Ticker {
  readonly #deps: TickerDeps
  /** Those that could not go on, to be tried again. */
  readonly #held = new Set<string>()
  #looking: Promise<void> | undefined
  #isStopping = false
  /** Somebody woke it while it looked. */
  #isWanted = false
  #wakeAt = Infinity
  #disarm = () => {}
  /** The latest that the clock has said, and that was acted on: it may be set back. */
  #latest = Infinity

  constructor(deps: TickerDeps) {
    this.#deps = deps
  }

  /** Looks at every schedule first: time zones may have changed with what Mayfly runs on, and the clock may have been set. */
  start(): void {
    this.#look()
  }

  /** Fires nothing more; resolves when what was under way is done. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#disarm()
    await this.#looking
  }

  /** Something is to fire at this time that was not before. */
  wake(at: number | null): void {
    if (at === null) return
    if (this.#looking) this.#isWanted = true
    else if (at < this.#wakeAt) this.#arm(at)
  }

  #arm(at: number): void {
    this.#disarm()
    this.#wakeAt = at
    if (this.#isStopping) return
    const sleepMs = Math.min(at - this.#deps.clock.now(), longestSleepMs)
    this.#disarm = this.#deps.clock.after(sleepMs, () => this.#wakeUp())
  }

  #wakeUp(): void {
    const now = this.#deps.clock.now()
    if (now < this.#wakeAt && !this.#isSetBack(now)) this.#arm(this.#wakeAt)
    else this.#look()
  }

  #isSetBack(now: number): boolean {
    return now < this.#latest - setBackMs
  }

  #look(): void {
    if (this.#isStopping || this.#looking) return
    this.#isWanted = false
    this.#looking = this.#lookOnce()
      .catch((error) => this.#complain(error, 'schedules could not be looked at'))
      .then((at) => {
        this.#looking = undefined
        this.#arm(this.#isWanted ? this.#deps.clock.now() : at)
      })
  }

  /** Resolves with the time to look again. */
  async #lookOnce(): Promise<number> {
    const { clock, records } = this.#deps
    const now = clock.now()
    if (this.#isSetBack(now)) await this.#lookAtAll()
    else await this.#lookAtDue(now)
    // Only now: a look that failed is made again.
    this.#latest = now
    const next = (await records.earliest(now)) ?? Infinity
    return this.#held.size === 0 ? next : Math.min(next, clock.now() + restMs)
  }

  async #lookAtDue(now: number): Promise<void> {
    await this.#pass([...this.#held])
    for (let after: DuePlace | null = null; !this.#isStopping; ) {
      const page: readonly DuePlace[] = await this.#deps.records.due(now, after, pageSchedules)
      await this.#pass(page.map(({ id }) => id))
      after = page.at(-1) ?? null
      if (page.length < pageSchedules) return
    }
  }

  async #lookAtAll(): Promise<void> {
    for (let after = ''; !this.#isStopping; ) {
      const page = await this.#deps.records.active(after, pageSchedules)
      await this.#pass(page)
      after = page.at(-1) ?? after
      if (page.length < pageSchedules) return
    }
  }

  /** Together, so that they share their commits; one that cannot go on holds up no other. */
  async #pass(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#passOne(id)))
  }

  async #passOne(id: string): Promise<void> {
    this.#held.add(id)
    try {
      for (let steps = 0; steps < mostSteps && !this.#isStopping; steps++) {
        if (await this.#step(id)) continue
        this.#held.delete(id)
        return
      }
    } catch (error) {
      this.#complain(error, 'a schedule could not go on')
    }
  }

  /** One step of a schedule; false when there was nothing to do. */
  async #step(id: string): Promise<boolean> {
    const { records, clock } = this.#deps
    const found = await records.standing(id)
    if (!found || found.schedule.paused) return false
    const { schedule, unsettled } = found
    const step = decide(schedule, unsettled, clock.now())
    if (step.do === 'wait') {
      const { nextAt } = step.standing
      if (nextAt !== schedule.nextAt) await this.#note(schedule, step, null)
      return false
    }
    await this.#carryOut(schedule, step)
    return true
  }

  async #carryOut(schedule: ScheduleRecord, step: Exclude<Step, { do: 'wait' }>): Promise<void> {
    const { clock, logger } = this.#deps
    const now = clock.now()
    switch (step.do) {
      case 'rewind':
        logger.warn(
          { schedule: schedule.id, was: schedule.cursor, now },
          'the clock was set back: its ticks begin again here',
        )
        return this.#note(schedule, step, null)
      case 'miss': {
        const reason = 'their time passed while nobody was there to fire them'
        return this.#note(schedule, step, without(step.tick, now, 'missed', { ticks: step.ticks, reason }))
      }
      case 'skip': {
        const reason = `its task ${step.because} had not ended`
        return this.#note(schedule, step, without(step.tick, now, 'skipped', { reason }))
      }
      case 'fire':
        return this.#fire(schedule, step, now)
    }
  }

  async #fire(schedule: ScheduleRecord, step: Extract<Step, { do: 'fire' }>, now: number): Promise<void> {
    const { tick, replaces, standing } = step
    try {
      const caller = this.#callerOf(schedule)
      await fire(this.#deps, { schedule, caller, replaces, standing, fire: fired(tick, now) })
    } catch (error) {
      if (!(error instanceof Refusal) || passing.includes(error.code)) throw error
      // Where the schedule has moved on or was changed meanwhile, this is as stale as the tick was.
      await this.#note(schedule, step, without(tick, now, 'refused', { code: error.code, reason: error.message }))
    }
  }

  #callerOf({ tenant, owner }: ScheduleRecord): Credential {
    if (this.#deps.stands(owner.tokenId)) return { tenant, ...owner }
    const todo = 'change the schedule with another one'
    throw new Refusal('UNAUTHORIZED', `the token that made it or changed it last is not valid any more: ${todo}`)
  }

  async #note({ id, revision }: ScheduleRecord, { standing }: Step, fire: NewFire | null): Promise<void> {
    const decided: Decided = { schedule: id, revision, standing, fire }
    await this.#deps.records.decide(decided)
  }

  #complain(error: unknown, what: string): number {
    const { logger, clock } = this.#deps
    const isExpected = error instanceof Refusal
    logger[isExpected ? 'warn' : 'error']({ err: error }, `${what}: tried again in ${restMs / 1000} s`)
    return clock.now() + restMs
  }
}

/** What became of a tick that has no task. */
function without(
  tick: number,
  at: number,
  outcome: NewFire['outcome'],
  { ticks = 1, code = null, reason }: Partial<Pick<NewFire, 'ticks' | 'code'>> & Pick<NewFire, 'reason'>,
): NewFire {
  return { tick, at, outcome, ticks, code, reason, by: null }
}
