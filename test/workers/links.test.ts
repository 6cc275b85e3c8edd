import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Context } from '../../workers/context.ts'
import { SourceLinter } from '../../workers/lint/linter.ts'
import { gitSchema } from '../../workers/sources/git.ts'
import { isInside, isReallyInside } from '../../workers/sources/inside.ts'
import { keepFiles } from '../../workers/sources/keep.ts'
import { writeSecretFiles } from '../../workers/sources/secret-files.ts'
import exec from '../../workers/tasks/exec.ts'

describe('sources whose links lead outside', () => {
  let place: string
  let work: string
  let outside: string
  /** Names of what was kept, and what was warned of. */
  let kept: string[]
  let warnings: string[]
  let context: Context<never>

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'mayfly-links-'))
    ;[work, outside] = [join(place, 'work'), join(place, 'outside')]
    for (const directory of [work, outside, join(work, 'real')]) mkdirSync(directory)
    symlinkSync('../outside', join(work, 'link'))
    symlinkSync('../nowhere', join(work, 'dangling'))
    symlinkSync('real', join(work, 'inner'))
    ;[kept, warnings] = [[], []]
    context = {
      workspace: work,
      signal: new AbortController().signal,
      secrets: { use: (_: string, call: (value: Uint8Array) => void) => call(Buffer.from('the secret')) },
      artifact: async (name: string) => void kept.push(name),
      log: { warn: (message: string) => void warnings.push(message) },
    } as unknown as Context<never>
  })
  afterEach(() => rmSync(place, { recursive: true }))

  const run = (directory: string) => exec.run({ ...context, input: { command: ['true'], directory } })
  const writeSecret = (path: string) => writeSecretFiles({ [path]: 'token' }, work, context)

  it.each(['link', 'link/new', 'dangling', 'dangling/new', '../outside', '..'])(
    'let no command run there, and nothing is made (%s)',
    async (directory) => {
      await expect(run(directory)).rejects.toMatchObject({
        message: `directory must be inside the workspace: ${directory}`,
        retryable: false,
      })
      expect(readdirSync(place).sort()).toEqual(['outside', 'work'])
      expect(readdirSync(outside)).toEqual([])
    },
  )

  it.each(['.', 'real', 'new/er', 'inner/new', '..new'])(
    'let a command run where they stay inside (%s)',
    async (to) => {
      expect(await run(to)).toEqual({ exitCode: 0 })
      expect(existsSync(join(work, to))).toBe(true)
    },
  )

  it.each(['link/key', 'link/new/key', 'dangling/key', '../key', '.'])(
    'get no secret written there, and nothing is made (%s)',
    (path) => {
      expect(() => writeSecret(path)).toThrow(`secretFiles: ${path} must be inside the directory of the command`)
      expect(readdirSync(place).sort()).toEqual(['outside', 'work'])
      expect(readdirSync(outside)).toEqual([])
    },
  )

  it.each(['key', 'new/key', 'inner/key', '..key'])('get a secret written where they stay inside (%s)', (path) => {
    writeSecret(path)
    expect(readFileSync(join(work, path), 'utf8')).toBe('the secret')
  })

  it('have nothing kept of what is there', async () => {
    writeFileSync(join(outside, 'theirs.xml'), '')
    for (const name of ['real/mine.xml', '..mine.xml']) writeFileSync(join(work, name), '')
    await keepFiles(['link/*', 'link/../outside/*', '../outside/*', 'inner/*', '*/*.xml', '..mine.xml'], work, context)
    expect(kept).toEqual(['..mine.xml', 'inner/mine.xml', 'real/mine.xml'])
    expect(warnings).toEqual([])
  })

  it('are linted by no configuration from there', () => {
    writeFileSync(join(outside, 'lint.js'), 'export default []')
    const open = () => SourceLinter.open(work, 'link/lint.js')
    expect(open).toThrow('config: there is no link/lint.js in the sources')
  })

  it('have no more kept than a task may, and it says so', async () => {
    for (let at = 0; at < 1_002; at++) writeFileSync(join(work, `${at}.txt`), '')
    await keepFiles(['*.txt'], work, context)
    expect(kept).toHaveLength(1_000)
    expect(warnings).toEqual(['more than 1000 files fit artifacts: only 1000 were kept'])
  })

  it('have nothing linted that was made by a program, however large', async () => {
    writeFileSync(join(work, 'huge.js'), 'debugger\n')
    const linter = SourceLinter.open(work, 'bundled')
    expect(await linter.lint('huge.js')).toHaveLength(1)
    truncateSync(join(work, 'huge.js'), 3 * 1024 ** 3)
    expect(await linter.lint('huge.js')).toEqual([])
  })

  it('are inside only when both say so', () => {
    expect(isInside('/a/..b', '/a')).toBe(true)
    expect(isInside('/ab', '/a')).toBe(false)
    expect(isInside('/a', '/')).toBe(true)
    expect(isReallyInside(join(work, 'inner', 'not', 'yet'), work)).toBe(true)
    expect(isReallyInside(join(work, 'link'), work)).toBe(false)
  })
})

it('the URL of a repository holds no password, but may hold whatever else belongs to one', () => {
  const pattern = new RegExp(gitSchema.properties.url.pattern)
  const good = [
    'https://example.com:8443/a/@b/c:d@e',
    'https://me@example.com/x',
    'ssh://git@example.com:22/x',
    'git@example.com:x/y',
  ]
  const bad = ['https://me:secret@example.com/x', 'ssh://me:secret@example.com/x', 'https://:secret@example.com/x']
  expect(good.filter((url) => !pattern.test(url))).toEqual([])
  expect(bad.filter((url) => pattern.test(url))).toEqual([])
})
