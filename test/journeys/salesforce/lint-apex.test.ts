import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LintResult } from '../../../workers/lint/report.ts'
import { type Ask, startMayfly, type TestMayfly } from '../../fixtures/mayfly.ts'

/** A sample project of Salesforce's, as it was published. */
const sample = dirname(
  fileURLToPath(import.meta.resolve('@salesforce/webapp-template-app-react-sample-b2x-experimental/package.json')),
)

const project = {
  'sfdx-project.json': '{"packageDirectories": [{"path": "force-app", "default": true}]}',
  'force-app/classes/Loop.cls':
    'public with sharing class Loop {\n  void run() {\n    for (Account a : accounts) {\n      update a;\n    }\n  }\n}\n',
  'force-app/classes/Loop.cls-meta.xml':
    '<?xml version="1.0" encoding="UTF-8"?>\n<ApexClass xmlns="http://soap.sforce.com/2006/04/metadata">\n  <apiVersion>30.0</apiVersion>\n</ApexClass>\n',
  'force-app/lwc/card/card.html': '<template>\n  <p>{label}\n</template>\n',
  'force-app/lwc/card/card.js': 'export default class Card {\n}\ndebugger\n',
}
const found = [
  'force-app/classes/Loop.cls-meta.xml:3 warning metadata/api-version',
  'force-app/classes/Loop.cls:4 error apex/dml-in-loop',
  'force-app/lwc/card/card.html:2 error lwc/template',
]

describe('lint.apex', () => {
  let mayfly: TestMayfly
  const directories: string[] = []

  beforeAll(async () => {
    mayfly = await startMayfly()
  })
  afterAll(async () => {
    await mayfly.remove()
    for (const directory of directories) rmSync(directory, { recursive: true })
  })

  function write(files: Readonly<Record<string, string>>): string {
    const directory = mkdtempSync(join(tmpdir(), 'mayfly-lint-apex-'))
    directories.push(directory)
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true })
      writeFileSync(join(directory, path), content)
    }
    return directory
  }
  const run = (input: object, kind = 'lint.apex') => mayfly.run({ kind, input } as Ask)
  const linesOf = ({ findings }: LintResult) =>
    findings.map(({ file, line, severity, rule }) => `${file}:${line} ${severity} ${rule}`).sort()
  const artifact = async (id: string, name: string) =>
    (await mayfly.call('GET', `/tasks/${id}/artifacts/${name}`)).text()

  it('finds what is wrong in Apex, metadata and templates, which lint finds too, with the scripts', async () => {
    const path = write(project)
    const { result } = await run({ path, failOn: 'never' })
    expect(result).toMatchObject({ files: 3, errors: 2, warnings: 1 })
    expect(linesOf(result as unknown as LintResult)).toEqual(found)
    const joined = await run({ path, failOn: 'never' }, 'lint')
    const script = 'force-app/lwc/card/card.js:3 error no-debugger'
    expect(linesOf(joined.result as unknown as LintResult)).toEqual([...found, script])
    const scripts = await run({ path, failOn: 'never', rulesets: ['javascript'] }, 'lint')
    expect(linesOf(scripts.result as unknown as LintResult)).toEqual([script])
    const runs = JSON.parse(await artifact(joined.id, 'lint.sarif')).runs as { tool: { driver: { name: string } } }[]
    expect(runs.map(({ tool }) => tool.driver.name)).toEqual(['ESLint', 'Mayfly'])
  })

  it('leaves files of other languages alone that end as those of Apex, unless it is asked', async () => {
    const path = write({ 'paper.cls': '\\NeedsTeXFormat{LaTeX2e}\n', 'a.js': '' })
    expect((await run({ path }, 'lint')).result).toMatchObject({ files: 1, errors: 0 })
    expect((await run({ path, rulesets: ['apex'], failOn: 'never' }, 'lint')).result).toMatchObject({ files: 1 })
  })

  it('does not fail for what an earlier result holds, wherever it has moved to', async () => {
    const first = await run({ path: write(project), format: ['json'] })
    expect(first).toMatchObject({ state: 'failed' })
    const baseline = (await mayfly.upload(Buffer.from(await artifact(first.id, 'lint.json')))).id
    const loop = `// moved\n${project['force-app/classes/Loop.cls']}`
    const moved = { ...project, 'force-app/classes/Loop.cls': loop }
    const again = await run({ path: write(moved), baseline })
    expect(again).toMatchObject({ state: 'succeeded', result: { errors: 0, warnings: 0, known: 3, findings: [] } })
    const worse = { ...moved, 'force-app/classes/Loop.cls': loop.replace('update a;', 'update a; insert a;') }
    const task = await run({ path: write(worse), baseline, format: ['junit'] })
    expect(task.error?.message).toBe('1 error and 0 warnings in 3 files: the log and the artifact lint.xml have them')
    expect(await artifact(task.id, 'lint.xml')).toContain('<testsuite name="lint" tests="3" failures="1"')
    const stranger = (await mayfly.upload(Buffer.from('{}'))).id
    const refused = await run({ path: write(project), baseline: stranger })
    expect(refused.error?.message).toContain('baseline: this is neither the artifact lint.json')
  })

  it('reads the sample of Salesforce, and finds what its author would have to mend before it deploys', async () => {
    const task = await run({ path: join(sample, 'dist'), include: ['force-app/**', 'scripts/**'], failOn: 'never' })
    expect(task.result).toMatchObject({ files: 201, errors: 1, warnings: 5, truncated: false })
    expect(linesOf(task.result as unknown as LintResult)).toEqual([
      'force-app/main/default/classes/TenantTriggerHandler_Test.cls:64 warning apex/test-without-assert',
      'force-app/main/default/classes/WebAppAuthUtils.cls:65 warning apex/system-debug',
      'force-app/main/default/classes/WebAppAuthUtils.cls:66 warning apex/system-debug',
      'force-app/main/default/objects/Maintenance_Worker__c/fields/Type__c.field-meta.xml:31 error syntax',
      'scripts/apex/hello.apex:10 warning apex/system-debug',
      'scripts/apex/hello.apex:9 warning apex/system-debug',
    ])
  })

  describe('with many files', () => {
    const many = (): string => {
      const body = 'Integer x = a + b * (c - d);\n'.repeat(50)
      const classes = Array.from({ length: 250 }, (_, number) => [
        `C${number}.cls`,
        `public class C${number} { void run() {\n${body}} }\n`,
      ])
      return write(Object.fromEntries(classes))
    }
    const isUnderWay = ({ type, data }: { type: string; data: { done?: unknown } }) =>
      type === 'task.progress' && Number(data.done) > 0

    it('begins again when its process is killed, and tells all the same', async () => {
      const { id } = await mayfly.submit({
        kind: 'lint.apex',
        input: { path: many(), failOn: 'never' },
        retry: { maxAttempts: 2, backoffSeconds: 0 },
      })
      await mayfly.until(id, isUnderWay)
      for (const pid of mayfly.leftovers(id).processes) process.kill(pid, 'SIGKILL')
      expect(await mayfly.settled(id)).toMatchObject({ state: 'succeeded', attempt: 2, result: { files: 250 } })
    })

    it('ends between two files when it is cancelled', async () => {
      const { id } = await mayfly.submit({ kind: 'lint.apex', input: { path: many() } })
      await mayfly.until(id, isUnderWay)
      await mayfly.cancel(id)
      expect(await mayfly.settled(id)).toMatchObject({ state: 'cancelled', result: null })
      expect(mayfly.leftovers(id)).toEqual({ processes: [], workspaces: [] })
    })
  })
})
