/** SARIF 2.1.0, which code scanning reads. */
import { join } from 'node:path/posix'
import type { Finding } from '../../../client/findings.ts'

const schema = 'https://json.schemastore.org/sarif-2.1.0.json'

export function sarifOf(kind: string, version: string, findings: readonly Finding[]): object {
  const rules = [...new Set(findings.map(ruleOf))].sort().map((id) => ({ id }))
  return {
    $schema: schema,
    version: '2.1.0',
    runs: [{ tool: { driver: { name: `mayfly ${kind}`, version, rules } }, results: findings.map(resultOf) }],
  }
}

function resultOf(finding: Finding): object {
  const { file, line, column, severity, message } = finding
  const artifactLocation = { uri: encodeURI(file) }
  return {
    ruleId: ruleOf(finding),
    level: severity,
    message: { text: message },
    locations: [{ physicalLocation: { artifactLocation, region: { startLine: line, startColumn: column } } }],
  }
}

function ruleOf({ rule }: Finding): string {
  return rule || 'finding'
}

/** What a task kept itself, with its paths relative to the project and not to what was sent of it. Throws SyntaxError. */
export function basedSarif(text: string, base: string): object {
  return JSON.parse(text, (key, value) =>
    key === 'uri' && typeof value === 'string' && !/^([a-z][a-z\d+.-]*:|\/)/i.test(value)
      ? join(encodeURI(base), value)
      : value,
  )
}
