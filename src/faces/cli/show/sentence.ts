import type { ContractEvent } from '../../../contract/event.ts'
import { duration } from '../words.ts'
import { errorOf, type Seen } from './seen.ts'

/** An event in words; nothing for what a reader need not know. Progress and logs are shown otherwise. */
export function sentenceOf({ type, attempt, data }: ContractEvent, seen: Seen): string | undefined {
  const why = errorOf(data) || (typeof data.reason === 'string' ? data.reason : '')
  const because = why === '' ? '' : `: ${why}`
  switch (type) {
    case 'task.queued':
      return 'queued'
    case 'task.started':
      if (seen.isCleaning) return undefined
      return attempt === 1 ? 'running' : `running, attempt ${attempt}`
    case 'task.cleanup':
      return data.outcome === 'succeeded' ? undefined : `could not clean up${because}`
    case 'task.requeued':
      if (data.cause === 'cleanup') return `cleans up before it ends${because}`
      return `queued again${because}`
    case 'task.retrying':
      return `fails, and is tried again at ${data.notBefore}${because}`
    case 'task.suspended':
      return `suspended${data.notBefore === undefined ? '' : ` until ${data.notBefore}`}`
    case 'task.cancelling':
      return `is being cancelled${because}`
    case 'task.preempting':
      return `makes room${because}`
    case 'task.artifact':
      return `kept ${data.name}`
    case 'task.succeeded':
      return `succeeded${timeOf(seen)}${resultOf(data, seen.id)}`
    case 'task.failed':
      return `failed${timeOf(seen)}${because}`
    case 'task.cancelled':
      return `cancelled${timeOf(seen)}${because}`
    default:
      return undefined
  }
}

function timeOf({ startedAt, endedAt }: Seen): string {
  return startedAt === null || endedAt === null ? '' : ` after ${duration(endedAt - startedAt)}`
}

const longestResult = 800

/** What is long is told without the entries of its lists. */
function resultOf({ result = null }: ContractEvent['data'], id: string): string {
  if (result === null) return ''
  const text = JSON.stringify(result)
  if (text.length <= longestResult) return `: ${text}`
  return `: ${JSON.stringify(result, withoutEntries).slice(0, longestResult)}, all of it by mayfly show ${id} --json`
}

function withoutEntries(_name: string, value: unknown): unknown {
  return Array.isArray(value) && value.length > 0 ? `${value.length} entries` : value
}
