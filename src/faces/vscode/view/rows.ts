/** The tasks view as data: a row for each pool, and under it a row for each task. */
import { isTerminal } from '../../../task/states.ts'
import { POOLS, type Pool } from '../../../task/task.ts'
import { safeLine } from '../../cli/safe.ts'
import { doing } from '../../cli/show/seen.ts'
import { duration } from '../../cli/words.ts'
import type { TaskInView } from './model.ts'

export interface Row {
  readonly id: string
  readonly label: string
  readonly description: string
  readonly tooltip: string
  /** Of the editor's own icons. */
  readonly icon: string
  readonly color?: string
  /** What can be done with it: menus go by this. */
  readonly context: 'pool' | 'queued' | 'running' | 'settled' | 'more'
  readonly children: readonly Row[]
}

/** So many of each pool are shown; the rest is counted. */
const most = { running: 100, queued: 50, settled: 20 } as const

export function rowsOf(tasks: readonly TaskInView[], now: number): readonly Row[] {
  return POOLS.map((pool) =>
    poolRow(
      pool,
      tasks.filter((task) => task.pool === pool),
      now,
    ),
  )
}

function poolRow(pool: Pool, tasks: readonly TaskInView[], now: number): Row {
  const of = (context: Context) => tasks.filter((task) => contextOf(task) === context)
  const [running, queued, settled] = [of('running').sort(oldestFirst), of('queued').sort(oldestFirst), of('settled')]
  const counts = [count(running, 'running'), count(queued, 'queued')].filter((text) => text !== '').join(' · ')
  return {
    id: pool,
    label: pool,
    description: counts || 'idle',
    tooltip: `Pool ${pool}: ${counts || 'nothing runs or waits'}`,
    icon: 'server-process',
    context: 'pool',
    children: [
      ...rowsUpTo(most.running, running, 'running', now),
      ...rowsUpTo(most.queued, queued, 'queued', now),
      ...settled
        .sort(latestFirst)
        .slice(0, most.settled)
        .map((task) => taskRow(task, now)),
    ],
  }
}

type Context = 'queued' | 'running' | 'settled'

export function contextOf({ state }: Pick<TaskInView, 'state'>): Context {
  if (isTerminal(state)) return 'settled'
  return state === 'queued' ? 'queued' : 'running'
}

/** Ids begin with the time of submission. */
const oldestFirst = (a: TaskInView, b: TaskInView) => (a.id < b.id ? -1 : 1)
const latestFirst = (a: TaskInView, b: TaskInView) => (b.seen.endedAt ?? 0) - (a.seen.endedAt ?? 0)

function count(tasks: readonly TaskInView[], what: string): string {
  return tasks.length === 0 ? '' : `${tasks.length} ${what}`
}

function rowsUpTo(limit: number, tasks: readonly TaskInView[], what: string, now: number): Row[] {
  const rows = tasks.slice(0, limit).map((task) => taskRow(task, now))
  const pool = tasks[0]?.pool
  if (tasks.length <= limit || !pool) return rows
  const label = `… and ${tasks.length - limit} more ${what}`
  const more: Row = {
    id: `${pool} ${what}`,
    label,
    description: '',
    tooltip: label,
    icon: 'ellipsis',
    context: 'more',
    children: [],
  }
  return [...rows, more]
}

function taskRow(task: TaskInView, now: number): Row {
  const { id, kind, state, seen, complaint, createdAt } = task
  const description = safeLine(descriptionOf(task, now))
  return {
    id,
    label: seen.name.startsWith(kind) ? safeLine(seen.name) : kind,
    description,
    tooltip: [
      `${kind} ${id}`,
      `${state}${complaint === '' ? '' : `: ${safeLine(complaint)}`}`,
      `submitted ${createdAt}`,
    ].join('\n'),
    ...iconOf(task),
    context: contextOf(task),
    children: [],
  }
}

function descriptionOf({ state, seen, complaint }: TaskInView, now: number): string {
  const { percent, count, startedAt, endedAt } = seen
  const took = startedAt === null ? '' : duration((endedAt ?? now) - startedAt)
  const words: Record<Context, readonly string[]> = {
    queued: ['queued', doing(seen)],
    running: [percent === null ? state : `${Math.floor(percent)}%`, count, doing(seen)],
    settled: [state, complaint || (took && `in ${took}`)],
  }
  return words[contextOf({ state })].filter((word) => word !== '').join(' · ')
}

function iconOf({ state }: TaskInView): Pick<Row, 'icon' | 'color'> {
  switch (state) {
    case 'succeeded':
      return { icon: 'pass', color: 'testing.iconPassed' }
    case 'failed':
      return { icon: 'error', color: 'testing.iconFailed' }
    case 'cancelled':
      return { icon: 'circle-slash' }
    case 'queued':
      return { icon: 'clock' }
    default:
      return { icon: 'sync~spin' }
  }
}
