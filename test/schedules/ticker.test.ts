import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Journal } from '../../src/journal/journal.ts'
import type { Decided, ScheduleRecord } from '../../src/journal/schedules.ts'
import { noQuotas as quotas } from '../../src/journal/tenants.ts'
import { setBackMs } from '../../src/schedules/decide.ts'
import { standingAt } from '../../src/schedules/fire-times.ts'
import { Ticker, type TickerDeps } from '../../src/schedules/ticker.ts'
import { systemLogger } from '../../src/system/logger.ts'
import { Refusal } from '../../src/task/errors.ts'
import { sampleSchedule } from '../contracts/journal.schedules.ts'
import { sampleEntry, sampleEvent, sampleTask } from '../contracts/samples.ts'
import { openIn, temporaryDirectory } from '../journal/sqlite/fixture.ts'

const start = Date.parse('2026-03-28T00:00:00Z')
const minuteMs = 60_000
const longestSleepMs = 30_000

/** Time that the test moves. A ticker has looked at everything as soon as it sleeps again. */
function handClock() {
  let now = start
  let asleep = Promise.withResolvers<number>()
  let wake: (() => void) | undefined
  return {
    clock: {
      now: () => now,
      monotonic: () => now,
      after(milliseconds: number, call: () => void) {
        wake = call
        asleep.resolve(milliseconds)
        return () => {}
      },
    },
    /** Resolves with how long it sleeps. */
    asleep: () => asleep.promise,
    /** Before anybody sleeps. */
    begin(at: number) {
      now = at
    },
    /** Sets the clock, wakes who sleeps, and resolves when it sleeps again. */
    async set(to: number) {
      now = to
      asleep = Promise.withResolvers()
      wake?.()
      return asleep.promise
    },
  }
}

describe('the ticker', () => {
  let place: ReturnType<typeof temporaryDirectory>
  let journal: Journal
  let time: ReturnType<typeof handClock>
  let refusal: ((request: unknown) => Error | undefined) | undefined
  const tickers: Ticker[] = []

  beforeEach(async () => {
    place = temporaryDirectory()
    journal = await openIn(place.directory)
    time = handClock()
    refusal = undefined
    await journal.tenants.add({ name: 'acme', quotas, createdAt: 1 }, sampleEntry())
  })
  afterEach(async () => {
    await Promise.all(tickers.splice(0).map((ticker) => ticker.stop()))
    await journal.close()
    place.remove()
  })

  const begin = async (own: Partial<TickerDeps> = {}, by = time) => {
    const ticker = new Ticker({
      records: journal.schedules,
      clock: time.clock,
      logger: systemLogger('silent'),
      stands: () => true,
      witness: () => {},
      submit,
      ...own,
    })
    tickers.push(ticker)
    ticker.start()
    await by.asleep()
    return ticker
  }

  async function submit(
    _caller: unknown,
    request: { labels?: Record<string, string> },
    { decided }: { decided: Decided },
  ) {
    const refused = refusal?.(request)
    if (refused) throw refused
    const task = sampleTask({ labels: request.labels ?? {} })
    const [adding] = journal.addAll([{ task, queued: sampleEvent(), decided }])
    const added = await adding
    if (!added?.added) throw new Refusal('CONFLICT', 'stale')
    return { task, isNew: true }
  }

  const add = async (own: Partial<ScheduleRecord> = {}) => {
    const made = sampleSchedule({ timing: { everyMs: minuteMs, anchor: start }, jitterMs: 0, overlap: 'queue', ...own })
    const schedule = { ...made, ...standingAt(made, own.cursor ?? start) }
    await journal.schedules.add(schedule, [], { perTenant: 1_000, total: 1_000 }, sampleEntry())
    return schedule
  }
  /** What became of its ticks, oldest first: minutes from the start. */
  const told = async ({ id }: ScheduleRecord) => {
    const history = await journal.schedules.history(id, 100)
    return history.toReversed().map(({ tick, outcome }) => `${outcome} ${((tick ?? 0) - start) / minuteMs}`)
  }
  const countTasks = async () => (await journal.tasks({ tenant: 'acme', limit: 1_000 })).tasks.length

  it('fires at the time and not before, and never sleeps long, since the clock may be set', async () => {
    const schedule = await add()
    await begin()
    expect(await time.asleep()).toBe(longestSleepMs)
    await time.set(start + minuteMs - 1)
    expect(await told(schedule)).toEqual([])
    expect(await time.asleep()).toBe(1)
    await time.set(start + minuteMs)
    await time.set(start + 2 * minuteMs + 7)
    expect(await told(schedule)).toEqual(['fired 1', 'fired 2'])
  })

  it('hears of schedules that are made, also while it looks at others', async () => {
    const ticker = await begin()
    const schedule = await add()
    ticker.wake(schedule.nextAt)
    await time.set(start + minuteMs)
    expect(await told(schedule)).toEqual(['fired 1'])
    const looking = time.set(start + 2 * minuteMs)
    const other = await add({ timing: { at: start + 2 * minuteMs - 1 } })
    ticker.wake(other.nextAt)
    await looking
    await time.set(start + 2 * minuteMs + 1)
    expect(await journal.schedules.history(other.id, 9)).toHaveLength(1)
  })

  it('fires a tick once, however many tickers there are', async () => {
    const made = await Promise.all(Array.from({ length: 70 }, () => add({ catchUp: 'all' })))
    const clocks = [handClock(), handClock(), handClock()]
    await Promise.all(
      clocks.map(async (own) => {
        own.begin(start + 3 * minuteMs)
        await begin({ clock: own.clock }, own)
      }),
    )
    const all = await Promise.all(made.map(told))
    expect(all).toEqual(made.map(() => ['fired 1', 'fired 2', 'fired 3']))
    expect(await countTasks()).toBe(3 * made.length)
  })

  it('notes what the tenant may not have, and goes on with the next tick', async () => {
    const schedule = await add()
    refusal = () => new Refusal('QUEUE_FULL', 'too many wait')
    await begin()
    await time.set(start + minuteMs)
    refusal = undefined
    await time.set(start + 2 * minuteMs)
    expect(await told(schedule)).toEqual(['refused 1', 'fired 2'])
    expect(await journal.schedules.history(schedule.id, 9)).toMatchObject([
      { outcome: 'fired' },
      { code: 'QUEUE_FULL', reason: 'too many wait', task: null },
    ])
  })

  it('loses no tick to what passes, such as a full disk or a fault of ours: it is fired later', async () => {
    const schedule = await add({ timing: { at: start + minuteMs } })
    await begin()
    for (const error of [new Refusal('STORE_FULL', 'the disk is full'), new Error('a fault')]) {
      refusal = () => error
      await time.set(time.clock.now() + minuteMs)
      expect(await told(schedule)).toEqual([])
      expect(await time.asleep()).toBe(5_000)
    }
    refusal = undefined
    await time.set(time.clock.now() + 5_000)
    expect(await told(schedule)).toEqual(['fired 1'])
  })

  it('lets none that cannot go on hold up the others', async () => {
    const made = [await add(), await add(), await add()]
    const [, broken] = made as [ScheduleRecord, ScheduleRecord, ScheduleRecord]
    refusal = (request) => (JSON.stringify(request).includes(broken.id) ? new Error('a fault') : undefined)
    await begin()
    await time.set(start + minuteMs)
    expect(await Promise.all(made.map(told))).toEqual([['fired 1'], [], ['fired 1']])
  })

  it('notes it when the token that stands for it has ended', async () => {
    const schedule = await add()
    await begin({ stands: (id) => id !== schedule.owner.tokenId })
    await time.set(start + minuteMs)
    expect(await journal.schedules.history(schedule.id, 9)).toMatchObject([
      { outcome: 'refused', code: 'UNAUTHORIZED' },
    ])
  })

  it('catches up with a clock that jumped ahead, and goes on when it is set back, with no tick twice', async () => {
    const schedule = await add({ catchUp: 'latest' })
    await begin()
    await time.set(start + minuteMs)
    await time.set(start + 10_000 * minuteMs)
    expect((await told(schedule)).slice(1)).toEqual(['missed 9999', 'fired 10000'])
    await time.set(start + minuteMs + 1)
    await time.set(start + 2 * minuteMs)
    await time.set(start + 3 * minuteMs)
    expect((await told(schedule)).slice(3)).toEqual(['fired 2', 'fired 3'])
    await time.set(start + 3 * minuteMs - setBackMs - 1)
    for (let minute = -8; minute <= 4; minute++) await time.set(start + minute * minuteMs)
    expect((await told(schedule)).slice(3)).toEqual(['fired 2', 'fired 3', 'fired 4'])
  })

  it('finds the clock set back while it was away, and times that are not what they were', async () => {
    const ahead = await add({ cursor: start + 1_000_000 * minuteMs })
    const shifted = await add()
    await journal.schedules.decide({
      schedule: shifted.id,
      revision: 1,
      standing: { cursor: start, nextAt: start + 500 * minuteMs },
      fire: null,
    })
    await begin()
    await time.set(start + minuteMs)
    expect([await told(ahead), await told(shifted)]).toEqual([['fired 1'], ['fired 1']])
  })

  it('fires nothing any more when it has been stopped, and begins again where it was', async () => {
    const schedule = await add({ catchUp: 'all' })
    const ticker = await begin()
    await time.set(start + minuteMs)
    await ticker.stop()
    await Promise.race([time.set(start + 3 * minuteMs), new Promise(setImmediate)])
    expect(await told(schedule)).toEqual(['fired 1'])
    await begin()
    expect(await told(schedule)).toEqual(['fired 1', 'fired 2', 'fired 3'])
    expect(await countTasks()).toBe(3)
  })
})
