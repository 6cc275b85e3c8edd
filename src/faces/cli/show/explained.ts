import type { Explanation } from '../../../contract/explanation.ts'
import { pairs, table } from '../output.ts'
import { widthOf } from '../width.ts'
import { duration } from '../words.ts'

type Estimate = NonNullable<Explanation['estimate']>

/** Why a task waits, in words and columns: what it is, what holds it, what is before it, how long it waited. */
export function explained(explanation: Explanation): string {
  const parts = [summary(explanation), blocked(explanation), ahead(explanation), waits(explanation)]
  return parts.filter((part) => part !== '').join('\n\n')
}

function summary({ state, position, isPositionLeast, estimate, waitedSeconds }: Explanation): string {
  const place = position === null ? null : `${isPositionLeast ? 'beyond ' : ''}${position} of its tenant in its pool`
  return pairs([
    ['state', state],
    ['position', place],
    ['waited', seconds(waitedSeconds)],
    [estimate?.p50Seconds === null ? 'started' : 'starts', estimate && startOf(estimate)],
    ['ends', estimate && endOf(estimate)],
    ['basis', estimate?.basis],
  ])
}

function startOf({ startAt, p50Seconds, p90Seconds }: Estimate): string | null {
  if (startAt === null) return null
  return p50Seconds === null ? startAt : foretold(startAt, p50Seconds, p90Seconds)
}

function endOf({ endAt, endP50Seconds, endP90Seconds }: Estimate): string | null {
  return endAt === null || endP50Seconds === null ? null : foretold(endAt, endP50Seconds, endP90Seconds)
}

function foretold(at: string, middle: number, late: number | null): string {
  const latest = late === null ? '' : `; nine times out of ten in ${seconds(late)} at the latest`
  return `in about ${seconds(middle)}, at ${at}${latest}`
}

function blocked({ blockedBy }: Explanation): string {
  if (blockedBy.length === 0) return ''
  const [current, limit] = [column('NOW', blockedBy, 'current'), column('LIMIT', blockedBy, 'limit')]
  return table(
    ['HELD BY', current.heading, limit.heading, 'WHY'],
    blockedBy.map(({ rule, detail }, row) => [rule, current.cells[row] ?? '', limit.cells[row] ?? '', detail]),
  )
}

function ahead({ ahead }: Explanation): string {
  if (ahead.length === 0) return ''
  const tasks = column('TASKS', ahead, 'tasks')
  return table(
    ['AHEAD', 'POOL', tasks.heading, 'EXPECTED TO TAKE'],
    ahead.map((one, row) => [whose[one.class], one.pool, tasks.cells[row] ?? '', seconds(one.processSeconds)]),
  )
}

const whose = { own: 'its own tenant', others: 'other tenants' } as const

function waits({ waits }: Explanation): string {
  if (waits.length === 0) return ''
  return table(
    ['WAITED', 'SINCE', 'FOR'],
    waits.map((wait) => [`${seconds(wait.seconds)}${wait.until === null ? ' so far' : ''}`, wait.from, forWhat(wait)]),
  )
}

function forWhat({ for: what, rules }: Explanation['waits'][number]): string {
  const held = rules.filter(({ rule, seconds }) => seconds >= 0.05 && !(rule === 'turn' && rules.length === 1))
  return held.length === 0 ? what : `${what}: ${held.map((one) => `${one.rule} ${seconds(one.seconds)}`).join(', ')}`
}

/** Numbers under a heading, each ending where it does. */
function column<K extends string>(heading: string, rows: readonly Record<K, number | null>[], name: K) {
  const texts = rows.map((row) => row[name]?.toLocaleString('en-US', { maximumFractionDigits: 1 }) ?? '–')
  const width = Math.max(widthOf(heading), ...texts.map(widthOf))
  const right = (text: string) => ' '.repeat(width - widthOf(text)) + text
  return { heading: right(heading), cells: texts.map(right) }
}

function seconds(count: number): string {
  return duration(count * 1000)
}
