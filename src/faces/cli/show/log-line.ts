import type { ContractEvent } from '../../../contract/event.ts'
import { safe } from '../safe.ts'

export interface LogLine {
  /** What a task writes to its standard output, a command's reader wants on its own; all else goes beside it. */
  readonly to: 'stdout' | 'stderr'
  /** Harmless, and ending with the end of a line. */
  readonly text: string
}

/** What a log event shows, if it is one. */
export function logLineOf({ type, data }: ContractEvent, prefix: string): LogLine | undefined {
  if (type !== 'task.log') return undefined
  const level = data.stream === 'log' && data.level !== 'info' ? `${data.level}: ` : ''
  const lines = safe(String(data.text).replace(/\r?\n$/, '')).split('\n')
  const text = lines.map((line) => `${prefix}${level}${line}\n`).join('')
  return { to: data.stream === 'stdout' ? 'stdout' : 'stderr', text }
}
