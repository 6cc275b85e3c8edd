import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../../src/client/findings.ts'
import type { ContractTask } from '../../../../src/contract/task.ts'
import { codeQualityOf } from '../../../../src/faces/cli/pipeline/code-quality.ts'
import { annotation, annotationsOf } from '../../../../src/faces/cli/pipeline/github.ts'
import { junitOf } from '../../../../src/faces/cli/pipeline/junit.ts'
import { summaryOf } from '../../../../src/faces/cli/pipeline/markdown.ts'
import { basedSarif, sarifOf } from '../../../../src/faces/cli/pipeline/sarif.ts'
import { hasPython } from '../../../fixtures/python.ts'

const finding = (more: Partial<Finding> = {}): Finding => ({
  file: 'src/a.js',
  line: 3,
  column: 5,
  rule: 'no-undef',
  severity: 'error',
  message: "'x' is not defined",
  ...more,
})

const failed = {
  id: '0192a3b4-0000-7000-8000-000000000000',
  kind: 'lint',
  state: 'failed',
  pool: 'critical',
  attempt: 1,
  createdAt: '2026-01-01T00:00:00.000Z',
  startedAt: '2026-01-01T00:00:01.000Z',
  settledAt: '2026-01-01T00:00:03.500Z',
  error: {
    code: 'TASK_FAILED',
    message: '1 error <&"\'>',
    lastOutput: ']]> \u001b[31mred\u0000 ```\n::error::x',
    retryable: false,
  },
} as unknown as ContractTask

describe('annotations of GitHub', () => {
  it('escape what would end a property, the message or the line', () => {
    expect(annotation('error', '100%\nof: a, b', { file: 'a,b:c%.ts', line: 1, column: 2, title: 'x::y' })).toBe(
      '::error file=a%2Cb%3Ac%25.ts,line=1,col=2,title=x%3A%3Ay::100%25%0Aof: a, b\n',
    )
  })

  it('are the first errors and the first warnings, as many as it shows', () => {
    const all = [...Array(30)].map((_, line) => finding({ line: line + 1, severity: line % 2 ? 'error' : 'warning' }))
    const lines = annotationsOf(all).trim().split('\n')
    expect(lines.filter((line) => line.startsWith('::error '))).toHaveLength(10)
    expect(lines.filter((line) => line.startsWith('::warning '))).toHaveLength(10)
  })
})

describe("JUnit's report", () => {
  const xml = junitOf(failed, [finding(), finding({ file: 'b&.js', severity: 'warning', message: '\ud800 "half"' })])

  it.skipIf(!hasPython)('is XML that counts what failed, whatever was said', () => {
    const look = `import sys, xml.etree.ElementTree as E
r = E.fromstring(sys.stdin.buffer.read())
for c in r.iter("testcase"): print(c.get("name"), [x.tag for x in c])
print(r.get("tests"), r.get("failures"), r.get("time"))`
    const { stdout, stderr } = spawnSync('python3', ['-c', look], { input: xml, encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(stdout).toBe("lint ['failure']\nsrc/a.js ['failure']\nb&.js ['system-out']\n3 2 2.5\n")
  })

  it('holds what the task said last', () => {
    expect(xml).toContain('message="1 error &#60;&#38;&#34;\'&#62;"')
    expect(xml).toContain('red\u2400')
  })
})

describe('the summary', () => {
  it('is nothing but text where a task says something', () => {
    const text = '![x](http://e/a.png) <img src=x> @everyone | `a` \n# b'
    const summary = summaryOf({ ...failed, kind: text } as ContractTask, [
      finding({ message: text, file: text, rule: text }),
    ])
    const outside = summary.replaceAll(/````text\n.*?\n````\n/gs, '')
    expect(outside).not.toMatch(/!\[|<img|@everyone|`|# b/)
    expect(outside).toContain('&#33;&#91;x&#93;')
    expect(summary).toContain('````text\n]]> red\u2400 ```\n')
  })

  it('shows errors before warnings, and of many the first', () => {
    const many = [...Array(60)].map((_, line) => finding({ line: line + 1, severity: 'warning' }))
    const summary = summaryOf(failed, [...many, finding({ line: 999 })])
    expect(summary.indexOf('| error |')).toBeLessThan(summary.indexOf('| warning |'))
    expect(summary).toContain('and 11 more')
  })
})

describe('other reports', () => {
  it('point at the place in the project', () => {
    const sarif = sarifOf('lint', '1.0.0', [finding({ file: 'packages/a b/x.js' })])
    expect(JSON.stringify(sarif)).toContain('"uri":"packages/a%20b/x.js"},"region":{"startLine":3,"startColumn":5}')
    const own = {
      runs: [
        { tool: { driver: { informationUri: 'https://eslint.org' } }, uri: 'x.js', others: [{ uri: 'https://a' }] },
      ],
    }
    expect(basedSarif(JSON.stringify(own), 'packages/a b')).toEqual({
      runs: [{ ...own.runs[0], uri: 'packages/a%20b/x.js' }],
    })
  })

  it('tell the same finding by the same fingerprint, when it moves too, and two of them apart', () => {
    const prints = (...findings: Finding[]) =>
      codeQualityOf(findings).map((one) => (one as { fingerprint: string }).fingerprint)
    const [first, second] = prints(finding(), finding({ line: 9 }))
    expect(second).not.toBe(first)
    expect(prints(finding({ line: 70 }))).toEqual([first])
  })
})
