import type { Finding } from './report.ts'

/** JUnit's XML as the forges read it: a test for each file that was looked at, failed where there is an error in it. */
export function toJUnit(files: readonly string[], findings: readonly Finding[]): string {
  const byFile = new Map(files.map((file) => [file, [] as Finding[]]))
  for (const finding of findings) byFile.set(finding.file, [...(byFile.get(finding.file) ?? []), finding])
  const failed = [...byFile.values()].filter((found) => found.length > 0).length
  const cases = [...byFile].map(([file, found]) => testCase(file, found))
  const counts = `tests="${byFile.size}" failures="${failed}" errors="0"`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites><testsuite name="lint" ${counts}>\n${cases.join('\n')}\n</testsuite></testsuites>\n`
}

function testCase(file: string, found: readonly Finding[]): string {
  const open = `<testcase classname="lint" name="${escaped(file)}"`
  const [first] = found
  if (!first) return `${open}/>`
  const text = found.map(
    ({ line, column, severity, rule, message }) => `${line}:${column} ${severity} ${rule}: ${message}`,
  )
  return `${open}><failure type="${escaped(first.rule)}" message="${escaped(first.message)}">${escaped(text.join('\n'))}</failure></testcase>`
}

/** What XML has no way to say is left out. */
function escaped(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those that no XML may hold
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll('\n', '&#10;')
  )
}
