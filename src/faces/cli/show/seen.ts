import type { ContractEvent } from '../../../contract/event.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { shortId } from '../words.ts'

/** What is known of a task that is watched, from its events alone. */
export interface Seen {
  readonly id: string
  /** What people call it by: its kind and enough of its id, if nothing better is known. */
  readonly name: string
  /** What it has come to is decided: it undoes what it began, and ends. */
  readonly isCleaning: boolean
  readonly state: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'out of sight'
  /** What it waits for or does, in a few words. */
  readonly phase: string
  /** Where in that it is, such as the file at hand. */
  readonly message: string
  readonly percent: number | null
  /** Such as "3/6 files". */
  readonly count: string
  /** Milliseconds since 1970. */
  readonly startedAt: number | null
  readonly endedAt: number | null
}

type Named = Pick<ContractTask, 'id' | 'kind'>

const blank = {
  isCleaning: false,
  state: 'queued',
  phase: '',
  message: '',
  percent: null,
  count: '',
  startedAt: null,
  endedAt: null,
} as const

export function seenAtFirst({ id, kind }: Named, name = `${kind} ${shortId(id)}`): Seen {
  return { ...blank, id, name }
}

/** A task that is seen for the first time in the middle of its life. */
export function seenAs(task: ContractTask): Seen {
  const { state, progress, startedAt, cleaning } = task
  const seen = { ...seenAtFirst(task), isCleaning: cleaning !== null }
  if (state === 'queued' || state === 'starting') return seen
  const running = { ...seen, state: 'running' as const, startedAt: startedAt === null ? null : Date.parse(startedAt) }
  return progress ? { ...running, ...progressOf({ ...progress }) } : running
}

const waiting = { state: 'queued', percent: null, count: '', message: '' } as const

/** The same task after one more event. */
export function next(seen: Seen, { type, at, data }: ContractEvent): Seen {
  const time = Date.parse(at)
  switch (type) {
    case 'task.started':
      return seen.isCleaning
        ? { ...seen, state: 'running', phase: 'cleaning up', message: '' }
        : { ...seen, state: 'running', phase: '', message: '', startedAt: seen.startedAt ?? time }
    case 'task.progress':
      return { ...seen, ...progressOf(data) }
    case 'task.requeued':
      if (data.cause === 'cleanup') return { ...seen, ...waiting, isCleaning: true, phase: 'cleaning up' }
      return { ...seen, ...waiting, phase: 'requeued' }
    case 'task.retrying':
    case 'task.suspended':
      return { ...seen, ...waiting, phase: type.slice('task.'.length) }
    case 'task.cancelling':
    case 'task.preempting':
      return { ...seen, message: '', phase: type.slice('task.'.length) }
    case 'task.succeeded':
      return { ...seen, state: 'succeeded', percent: 100, phase: '', message: '', endedAt: time }
    case 'task.failed':
    case 'task.cancelled':
      return {
        ...seen,
        state: type === 'task.failed' ? 'failed' : 'cancelled',
        phase: errorOf(data),
        message: '',
        endedAt: time,
      }
    default:
      return seen
  }
}

function progressOf({ phase, percent, done, total, unit, message }: ContractEvent['data']): Partial<Seen> {
  const count = typeof done === 'number' ? `${done}${total === undefined ? '' : `/${total}`} ${unit ?? ''}`.trim() : ''
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  return { phase: text(phase), message: text(message), percent: typeof percent === 'number' ? percent : null, count }
}

/** What it does, and where it is in that. */
export function doing({ phase, message }: Seen): string {
  return [phase, message].filter((word) => word !== '').join(': ')
}

/** The sentence of an event's error, with its code. */
export function errorOf({ error }: ContractEvent['data']): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return ''
  return `${error.message} (${error.code})`
}
