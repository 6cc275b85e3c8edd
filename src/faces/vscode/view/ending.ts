import type { ContractTask } from '../../../contract/task.ts'
import { safeLine } from '../../cli/safe.ts'
import { duration, shortId } from '../../cli/words.ts'

export interface Ending {
  readonly severity: 'information' | 'warning' | 'error'
  readonly sentence: string
}

const longest = 300

/** How a task ended, in a sentence. */
export function endingOf(
  task: ContractTask,
  findings?: { readonly errors: number; readonly warnings: number },
): Ending {
  const name = `${task.kind} ${shortId(task.id)}`
  switch (task.state) {
    case 'succeeded':
      return {
        severity: findings && findings.errors > 0 ? 'warning' : 'information',
        sentence: `${name} succeeded${timeOf(task)}${findings ? `: ${foundIn(findings)}` : ''}.`,
      }
    case 'failed':
      return {
        severity: 'error',
        sentence: `${name} failed${timeOf(task)}: ${cut(task.error?.message ?? 'it does not say why')}.`,
      }
    case 'cancelled':
      return {
        severity: 'warning',
        sentence: `${name} was cancelled${task.error ? `: ${cut(task.error.message)}` : ''}.`,
      }
    default:
      return { severity: 'information', sentence: `${name} is ${task.state}.` }
  }
}

function foundIn({ errors, warnings }: { readonly errors: number; readonly warnings: number }): string {
  if (errors + warnings === 0) return 'nothing was found'
  return `${plural(errors, 'error')} and ${plural(warnings, 'warning')}`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function timeOf({ startedAt, settledAt }: ContractTask): string {
  return startedAt === null || settledAt === null
    ? ''
    : ` after ${duration(Date.parse(settledAt) - Date.parse(startedAt))}`
}

function cut(text: string): string {
  const line = safeLine(text).replace(/\.$/, '')
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}
