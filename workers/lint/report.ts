import type { Linter } from 'eslint'
import type { RuleFacts } from './rule.ts'

/** What was found at one place; lines and columns count from 1. */
export interface Finding {
  readonly file: string
  readonly line: number
  readonly column: number
  /** `syntax` where a file cannot be parsed. */
  readonly rule: string
  readonly severity: 'error' | 'warning'
  readonly message: string
}

export interface LintResult {
  /** Files that were looked at. */
  readonly files: number
  readonly errors: number
  readonly warnings: number
  /** Findings of the baseline. */
  readonly known?: number
  readonly findings: readonly Finding[]
  /** There were more findings than these: the artifacts have all. */
  readonly truncated: boolean
}

const longestMessageCharacters = 2_000

export function findingOf(
  file: string,
  { line, column, ruleId, severity, message, fatal }: Linter.LintMessage,
): Finding {
  return {
    file,
    line: line ?? 1,
    column: column ?? 1,
    rule: ruleId ?? (fatal ? 'syntax' : 'eslint'),
    severity: severity === 2 ? 'error' : 'warning',
    message: message.slice(0, longestMessageCharacters),
  }
}

export function toLine({ file, line, column, severity, rule, message }: Finding): string {
  return `${file}:${line}:${column} ${severity} ${rule}: ${message}`
}

/** What one tool found. */
interface Run {
  readonly driver: { readonly name: string; readonly version?: string; readonly informationUri?: string }
  readonly facts: Readonly<Record<string, RuleFacts>>
  readonly findings: readonly Finding[]
}

/** SARIF 2.1.0, as code scanning of the forges reads it. */
export function toSarif(runs: readonly Run[]): object {
  return { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: runs.map(toSarifRun) }
}

function toSarifRun({ driver, facts, findings }: Run): object {
  const ids = [...new Set(findings.map(({ rule }) => rule))].sort()
  const rules = ids.map((id) => ({ id, ...describe(facts[id]) }))
  return { tool: { driver: { ...driver, rules } }, results: findings.map(toSarifResult) }
}

function describe(facts: RuleFacts | undefined): object {
  if (!facts) return {}
  const { title, why, remedy } = facts
  return { shortDescription: { text: title }, fullDescription: { text: `${title}: ${why}` }, help: { text: remedy } }
}

function toSarifResult({ file, line, column, rule, severity, message }: Finding): object {
  const artifactLocation = { uri: encodeURI(file), uriBaseId: '%SRCROOT%' }
  return {
    ruleId: rule,
    level: severity,
    message: { text: message },
    locations: [{ physicalLocation: { artifactLocation, region: { startLine: line, startColumn: column } } }],
  }
}
