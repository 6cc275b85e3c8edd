import { readFileSync } from 'node:fs'
import { messageOf } from '../../src/system/message.ts'
import { invalidInput } from '../errors/steering.ts'
import type { Finding } from './report.ts'

/** Findings apart: lines move with every change above them, so that a known one is told by all but its place. */
export function withoutKnown(
  findings: readonly Finding[],
  known: readonly Pick<Finding, 'file' | 'rule' | 'message'>[],
): readonly Finding[] {
  const left = new Map<string, number>()
  for (const one of known) left.set(keyOf(one), (left.get(keyOf(one)) ?? 0) + 1)
  return findings.filter((one) => {
    const times = left.get(keyOf(one)) ?? 0
    left.set(keyOf(one), times - 1)
    return times <= 0
  })
}

/** `lint.json`, or a whole result of an earlier task. */
export function readBaseline(path: string): readonly Finding[] {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    const findings = Array.isArray(value) ? value : (value as { findings?: unknown } | null)?.findings
    if (Array.isArray(findings) && findings.every(isFinding)) return findings
  } catch (error) {
    throw invalidInput(`baseline: ${messageOf(error)}`)
  }
  throw invalidInput('baseline: this is neither the artifact lint.json of an earlier task nor its result')
}

function isFinding(value: unknown): value is Finding {
  const { file, rule, message } = (value ?? {}) as Partial<Finding>
  return [file, rule, message].every((text) => typeof text === 'string')
}

function keyOf({ file, rule, message }: Pick<Finding, 'file' | 'rule' | 'message'>): string {
  return JSON.stringify([file, rule, message])
}
