import type { Json } from '../task/json.ts'
import { maskJson } from './json.ts'
import type { Needles } from './needles.ts'

/** What the protocol itself says, and no task. */
const ofProtocol: ReadonlySet<string> = new Set(['number', 'resumeAt', 'usage'])

/**
 * The JSON of a report without secrets: itself when it holds none. Its outermost names stay, they are the protocol's: a
 * secret may well be called `result`.
 */
export function maskReport(report: unknown, needles: Needles): unknown {
  if (needles.areNone || typeof report !== 'object' || report === null) return report
  const entries = Object.entries(report)
  const masked = entries.map(([name, value]) => [name, ofProtocol.has(name) ? value : maskJson(value as Json, needles)])
  return masked.every(([, value], at) => value === entries[at]?.[1]) ? report : Object.fromEntries(masked)
}

/** Why a checkpoint that holds a secret is not stored: masked, it would be of no use to the next attempt. */
export const checkpointRefusal =
  'the checkpoint holds a secret and was not saved: leave the secret out, the next attempt is given it again'
