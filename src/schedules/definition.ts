/** What a client says of a schedule, and what is kept of it; or the Refusal that says what is wrong with it. */
import type { Cron } from 'croner'
import type { TaskRequest } from '../contract/request.ts'
import type { ScheduleRequest } from '../contract/schedule.ts'
import type { Timing } from '../journal/schedules.ts'
import { messageOf } from '../system/message.ts'
import { knownTimeZone } from '../system/time-zone.ts'
import { Refusal } from '../task/errors.ts'
import { cronOf } from './ticks.ts'

export type AskedTiming = Pick<ScheduleRequest, 'cron' | 'timeZone' | 'everySeconds' | 'at'>

/** Of a task request, which is read and written with every tick. */
const mostTaskBytes = 64 * 1024
/** A task has 32 at most, and a schedule adds two. */
const mostLabels = 30
/** So many ticks of a cron expression are looked at to see how close they come. */
const ticksCompared = 50

const cronShape = /^(@[a-z]+|[0-9A-Za-z*,/#-]+( +[0-9A-Za-z*,/#-]+){4})$/

/** Whether any timing is asked for at all. */
export function saysWhen({ cron, timeZone, everySeconds, at }: AskedTiming): boolean {
  return [cron, timeZone, everySeconds, at].some((one) => one !== undefined)
}

/** What is asked for; a time zone alone changes that of the former cron expression. */
export function timingOf(asked: AskedTiming, now: number, shortestMs: number, former?: Timing): Timing {
  const { cron, timeZone, everySeconds, at } = asked
  const ways = [cron, everySeconds, at].filter((way) => way !== undefined)
  const before = former && 'cron' in former ? former : undefined
  if (ways.length > 1) throw wrong('give one of cron, everySeconds and at, not several')
  if (cron !== undefined) return cronTiming(cron, timeZone ?? before?.timeZone ?? 'UTC', now, shortestMs)
  if (ways.length === 0 && before && timeZone !== undefined) return cronTiming(before.cron, timeZone, now, shortestMs)
  if (timeZone !== undefined) throw wrong('timeZone belongs to cron: leave it out, at has its own offset')
  if (everySeconds !== undefined) return { everyMs: everyMsOf(everySeconds, shortestMs), anchor: now }
  if (at === undefined) throw wrong('say when: give one of cron, everySeconds and at')
  if (Date.parse(at) > now) return { at: Date.parse(at) }
  throw wrong(`at is over, it is ${new Date(now).toISOString()} now: choose a time to come`)
}

function everyMsOf(everySeconds: number, shortestMs: number): number {
  const everyMs = Math.round(everySeconds * 1000)
  if (everyMs >= shortestMs) return everyMs
  throw wrong(`everySeconds must be at least ${shortestMs / 1000} here`)
}

function cronTiming(written: string, zone: string, now: number, shortestMs: number): Timing {
  const cron = written.trim()
  if (!cronShape.test(cron)) {
    throw wrong('cron must be five fields, minute hour day month weekday, such as "30 2 * * MON-FRI", or @daily')
  }
  const timing = { cron, timeZone: timeZoneOf(zone) }
  const parsed = parse(timing)
  const runs = parsed.nextRuns(ticksCompared, new Date(now)).map((date) => date.getTime())
  if (runs.length === 0) throw wrong(`cron never fires: no day is as "${cron}" says`)
  const closestMs = Math.min(...runs.slice(1).map((run, index) => run - (runs[index] ?? 0)))
  if (closestMs >= shortestMs) return timing
  throw wrong(`cron fires every ${closestMs / 1000} s: it must leave ${shortestMs / 1000} s here`)
}

function parse(timing: Extract<Timing, { cron: string }>): Cron {
  try {
    return cronOf(timing)
  } catch (error) {
    const why = messageOf(error).replace(/^CronPattern: /, '')
    throw wrong(`cron is not right (${why}): give five fields, minute hour day month weekday`)
  }
}

/** The name as it is usually written. */
function timeZoneOf(name: string): string {
  const known = knownTimeZone(name)
  if (known !== undefined) return known
  throw wrong(`there is no time zone ${name}: give a name such as Europe/Berlin`)
}

/** Refuses what no tick could ever submit; what the kind says of it is for others to check. */
export function checkedTask(task: TaskRequest): TaskRequest {
  if (task.notBefore !== undefined) throw wrong('task.notBefore makes no sense here: the schedule says when')
  if (Object.keys(task.labels ?? {}).length > mostLabels) {
    throw wrong(`task.labels must have at most ${mostLabels} entries: a schedule adds two`)
  }
  if (Buffer.byteLength(JSON.stringify(task)) <= mostTaskBytes) return task
  throw new Refusal(
    'TOO_LARGE',
    `the task of a schedule has at most ${mostTaskBytes / 1024} KiB: send what is large as an upload`,
  )
}

function wrong(sentence: string): Refusal {
  return new Refusal('BAD_REQUEST', sentence)
}
