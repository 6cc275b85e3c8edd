import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LintResult } from '../../workers/lint/report.ts'
import { type GitServer, hasGit, startGitServer } from '../fixtures/git-server.ts'
import { type Ask, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

const sources = {
  'package.json': '{"type": "module"}',
  'good.js': 'export const one = 1\n',
  'bad.js': 'export const one = 1\nlet unused = 2\ndebugger\n',
  'deep/er/broken.js': 'export const = 1\n',
  'node_modules/x/index.js': 'debugger\n',
  'notes.txt': 'debugger\n',
}
const ownConfig = `import js from '@eslint/js'
export default [js.configs.recommended, { rules: { 'no-debugger': 'warn', 'no-unused-vars': 'off' } }]
`

describe('lint', () => {
  let mayfly: TestMayfly
  let git: GitServer
  const directories: string[] = []

  beforeAll(async () => {
    if (hasGit) git = await startGitServer(sources)
    mayfly = await startMayfly()
  })
  afterAll(async () => {
    await mayfly.remove()
    await git?.close()
    for (const directory of directories) rmSync(directory, { recursive: true })
  })

  function write(files: Readonly<Record<string, string>>): string {
    const directory = mkdtempSync(join(tmpdir(), 'mayfly-lint-'))
    directories.push(directory)
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true })
      writeFileSync(join(directory, path), content)
    }
    return directory
  }
  const lint = (input: object) => mayfly.run({ kind: 'lint', input } as Ask)
  const resultOf = async (input: object) => (await lint({ failOn: 'never', ...input })).result as unknown as LintResult
  const rulesOf = ({ findings }: LintResult) => findings.map(({ file, rule }) => `${file} ${rule}`).sort()
  const found = ['bad.js no-debugger', 'bad.js no-unused-vars', 'deep/er/broken.js syntax']

  it.skipIf(!hasGit)('finds what is wrong in sources from git and in a directory of the machine alike', async () => {
    const fromGit = await resultOf({ git: { url: git.url, ref: 'main' } })
    expect(fromGit).toMatchObject({ files: 3, errors: 3, warnings: 0, truncated: false })
    expect(rulesOf(fromGit)).toEqual(found)
    expect(await resultOf({ path: write(sources) })).toEqual(fromGit)
  })

  it('tells where, with line and column', async () => {
    const { findings } = await resultOf({ path: write(sources), include: ['bad.js'] })
    expect(findings).toContainEqual({
      file: 'bad.js',
      line: 3,
      column: 1,
      rule: 'no-debugger',
      severity: 'error',
      message: expect.stringContaining('debugger'),
    })
  })

  it('fails when there are errors, and keeps JSON and SARIF', async () => {
    const task = await lint({ path: write(sources) })
    const message = '3 errors and 0 warnings in 3 files: the log and the artifacts lint.json and lint.sarif have them'
    expect(task).toMatchObject({ state: 'failed', error: { code: 'TASK_FAILED', message, retryable: false } })
    expect(await mayfly.texts(task.id, 'stdout')).toContainEqual(
      expect.stringMatching(/^bad.js:3:1 error no-debugger: /),
    )
    const artifact = async (name: string) => (await mayfly.call('GET', `/tasks/${task.id}/artifacts/${name}`)).json()
    expect(await artifact('lint.json')).toHaveLength(3)
    const sarif = (await artifact('lint.sarif')) as { version: string; runs: { results: object[] }[] }
    expect(sarif).toMatchObject({ version: '2.1.0', runs: [{ results: { length: 3 } }] })
  })

  it('goes by the configuration of the project, and lends it what it has not installed', async () => {
    const path = write({ ...sources, 'eslint.config.js': ownConfig })
    const result = await resultOf({ path, exclude: ['deep'] })
    expect(result).toMatchObject({ errors: 0, warnings: 1 })
    expect(await lint({ path, exclude: ['deep'] })).toMatchObject({ state: 'succeeded' })
    expect(await lint({ path, exclude: ['deep'], failOn: 'warning' })).toMatchObject({ state: 'failed' })
    expect(rulesOf(await resultOf({ path, config: 'bundled', exclude: ['deep/**'] }))).toEqual(found.slice(0, 2))
  })

  it('reads TypeScript and decorators without a configuration', async () => {
    const path = write({
      'shape.ts': 'export interface Shape { side(length: number): number }\nexport type Maybe = Shape | undefined\n',
      'overload.ts':
        'export function f(a: string): string\nexport function f(a: number): number\nexport function f(a: unknown) { return a }\n',
      'bad.tsx':
        'enum Color { Red = 1, Green = 1 }\nconst unused: number = 1\nexport const c = <p>{Color.Red}</p>\ndebugger\n',
      'broken.mts': 'export const x: = 1\n',
      'lwc/card.js':
        "import { LightningElement, api, wire } from 'lwc'\nexport default class Card extends LightningElement {\n  @api recordId\n  @wire(String, { id: '$recordId' }) text\n}\n",
      'lwc/bad.js': 'export default class Bad {\n  @api recordId\n}\n',
      'lwc/broken.js': 'export default class { @api recordId = }\n',
    })
    const result = await resultOf({ path })
    expect(result.files).toBe(7)
    expect(rulesOf(result)).toEqual([
      'bad.tsx @typescript-eslint/no-duplicate-enum-values',
      'bad.tsx @typescript-eslint/no-unused-vars',
      'bad.tsx no-debugger',
      'broken.mts syntax',
      'lwc/bad.js no-undef',
      'lwc/broken.js syntax',
    ])
  })

  it('lends the configuration of a project what it takes for TypeScript', async () => {
    const config =
      "import tseslint from 'typescript-eslint'\nexport default tseslint.config(tseslint.configs.recommended)\n"
    const path = write({ 'eslint.config.mjs': config, 'any.ts': 'export const x: any = 1\n' })
    expect(rulesOf(await resultOf({ path }))).toEqual(['any.ts @typescript-eslint/no-explicit-any'])
  })

  it('reports progress by file', async () => {
    const task = await lint({ path: write(sources), failOn: 'never' })
    expect(task.progress).toMatchObject({ phase: 'linting', percent: 100, done: 3, total: 3, unit: 'files' })
  })

  it('follows no links', async () => {
    const path = write({ 'good.js': 'export {}\n' })
    symlinkSync(write(sources), join(path, 'linked'))
    symlinkSync(join(write(sources), 'bad.js'), join(path, 'linked.js'))
    expect(await resultOf({ path })).toMatchObject({ files: 1, errors: 0 })
  })

  it.each([
    [{}, 'have at least 1 entry'],
    [{ path: '/x', strange: 1 }, 'strange is not allowed here'],
  ])('is refused with %j', async (input, sentence) => {
    const response = await mayfly.call('POST', '/tasks', { kind: 'lint', input })
    expect([response.status, await response.text()]).toEqual([422, expect.stringContaining(sentence)])
  })

  it.each([
    [() => ({ path: '/no/such/place' }), 'path: there is no directory /no/such/place'],
    [() => ({ path: write({ 'a.txt': '' }) }), 'there is no file to lint here'],
    [() => ({ path: write(sources), include: ['*.css'] }), 'there is no file to lint here'],
    [() => ({ path: write(sources), config: 'none.js' }), 'config: there is no none.js in the sources'],
    [() => ({ path: write(sources), config: '../../etc/passwd' }), 'config: there is no ../../etc/passwd'],
    [() => ({ path: write({ ...sources, 'eslint.config.js': "import 'not-installed'" }) }), 'cannot be used'],
    [() => ({ failOn: 'never' }), 'give one place of the sources: upload, path or git'],
  ])('says what is missing: case %#', async (input, sentence) => {
    const task = await lint(input())
    expect(task).toMatchObject({ state: 'failed', error: { message: expect.stringContaining(sentence) } })
  })
})
