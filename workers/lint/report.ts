import type { Linter } from 'eslint'

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

/** SARIF 2.1.0, as code scanning of the forges reads it. */
export function toSarif(findings: readonly Finding[], version: string): object {
  const rules = [...new Set(findings.map(({ rule }) => rule))].sort().map((id) => ({ id }))
  const driver = { name: 'ESLint', version, informationUri: 'https://eslint.org', rules }
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, results: findings.map(toSarifResult) }],
  }
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
