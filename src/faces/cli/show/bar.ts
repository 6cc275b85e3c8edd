import { safeLine } from '../safe.ts'
import { cut, pad } from '../width.ts'
import { duration } from '../words.ts'
import { doing, type Seen } from './seen.ts'

const barColumns = 20
const nameColumns = 24
const sweepMs = 120

/** One line for one task, at most so many columns wide. */
export function barOf(seen: Seen, columns: number, now: number): string {
  const name = pad(cut(safeLine(seen.name), nameColumns), nameColumns)
  const words = [
    seen.state === 'running' ? '' : seen.state,
    percentOf(seen),
    seen.count,
    doing(seen),
    timeOf(seen, now),
  ]
  const text = words.filter((word) => word !== '').join('  ')
  return cut(`${name} ${drawn(seen, now)} ${safeLine(text)}`, columns)
}

function drawn(seen: Seen, now: number): string {
  if (seen.percent !== null) {
    const full = Math.round((seen.percent / 100) * barColumns)
    return '█'.repeat(full) + '░'.repeat(barColumns - full)
  }
  return seen.state === 'running' ? sweep(now) : '░'.repeat(barColumns)
}

/** Work of unknown length: something moves. */
function sweep(now: number): string {
  const at = Math.floor(now / sweepMs) % barColumns
  return Array.from({ length: barColumns }, (_, column) =>
    (column - at + barColumns) % barColumns < 4 ? '█' : '░',
  ).join('')
}

function percentOf({ percent, state }: Seen): string {
  return percent === null || state !== 'running' ? '' : `${Math.floor(percent)}%`
}

function timeOf({ startedAt, endedAt }: Seen, now: number): string {
  return startedAt === null ? '' : duration((endedAt ?? now) - startedAt)
}
