import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inputCheckOf } from '../../src/contract/check.ts'
import { readKinds, readOwnKinds } from '../../src/kinds/read.ts'
import { createRegistry, defaultRetry } from '../../src/kinds/registry.ts'
import { defaultLimits } from '../../src/task/limits.ts'
import { processesWith } from '../fixtures/aftermath.ts'
import { children } from '../fixtures/mayfly.ts'

const program = fileURLToPath(new URL('../../workers/describe.ts', import.meta.url))
const options = { program, environment: { PATH: process.env.PATH ?? '' }, deadlineMs: 6_000 }
/** What spins never comes, however long a core is spent on it. */
const briefly = { ...options, deadlineMs: 1_000 }

describe('the reader of kinds', () => {
  let broken: Record<string, string>
  let found: string[]
  let tookMs: number
  const pipes = mkdtempSync(join(tmpdir(), 'mayfly-kinds-'))

  beforeAll(async () => {
    const began = performance.now()
    spawnSync('mkfifo', [join(pipes, 'pipe.js')])
    symlinkSync('loop.js', join(pipes, 'loop.js'))
    symlinkSync('/nowhere', join(pipes, 'dangling.js'))
    const odd = join(pipes, 'an odd#place?%20')
    mkdirSync(odd)
    writeFileSync(join(odd, 'index.mjs'), "export default { kind: 'odd', pool: 'batch', input: {}, run() {} }")
    const read = await readKinds([children('kinds'), pipes], options)
    tookMs = performance.now() - began
    const spinning = await readKinds([children('spinning')], briefly)
    const all = [...read.broken, ...spinning.broken]
    broken = Object.fromEntries(all.map(({ module, reason }) => [basename(module, '.js'), reason]))
    found = [...read.found, ...spinning.found].map(({ definition }) => definition.kind)
  })

  afterAll(() => {
    rmSync(pipes, { recursive: true })
    for (const pid of processesWith('sleep\0' + '98761')) process.kill(pid, 'SIGKILL')
  })

  it('finds the good ones among all others', () => {
    expect(found.sort()).toEqual(['daemon', 'folder', 'good', 'local-ref', 'odd', 'shouts'])
  })

  it.each([
    ['throws', /TypeError: this module does not like to be loaded/],
    ['nothing', /no function `run`/],
    ['no-run', /no function `run`/],
    ['bad-pool', /pool/],
    ['bad-name', /kind/],
    ['bad-schema', /input schema cannot be used/],
    ['bad-result', /result schema refers to http:\/\/127\.0\.0\.1:9\/: put all of it into the module/],
    ['hangs', /did not load within 1 s/],
    ['waits', /did not load within 6 s/],
    ['leaves', /without a definition/],
    ['babbles', /without a definition/],
    ['circular', /circular/],
    ['getter', /Error: this schema does not like to be looked at/],
    ['own-getter', /no error at all/],
    ['proxy', /kind is missing/],
    ['huge', /larger than 1 MiB/],
    ['deep', /RangeError/],
    ['remote-ref', /refers to http:\/\/127\.0\.0\.1:9\/schema\.json: put all of it into the module/],
    ['kills', /could not be loaded/],
    ['loops-later', /did not load within 1 s/],
    ['bad-cleanup', /`cleanup` is not a function/],
    ['no-key', /it serves parents and has no concurrency key/],
    ['loop', /not a file/],
    ['dangling', /not a file/],
    ['pipe', /not a file/],
  ])('says by name what is wrong with %s', (name, reason) => {
    expect(broken[name]).toMatch(reason)
  })

  it('reports nothing else', () => {
    expect(Object.keys(broken)).toHaveLength(25)
  })

  it('waits no longer than its deadline, and for nobody who holds its pipes', () => {
    expect(tookMs).toBeLessThan(100_000)
  })

  it('takes a module that does not even parse for broken', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mayfly-kinds-'))
    try {
      writeFileSync(join(directory, 'syntax.js'), 'export default {{{')
      const read = await readKinds([directory], options)
      expect(read).toMatchObject({ found: [], broken: [{ reason: expect.stringContaining('SyntaxError') }] })
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})

describe('the reader of the kinds that come with Mayfly', () => {
  it('finds them all, with schemas that can be used', async () => {
    const { found, broken } = await readOwnKinds(
      fileURLToPath(new URL('../../workers/tasks', import.meta.url)),
      options,
    )
    expect(broken).toEqual([])
    expect(found.map(({ definition }) => definition.kind)).toEqual(expect.arrayContaining(['exec', 'lint']))
    for (const { definition } of found) {
      expect(() => inputCheckOf(definition.input, 'input')(null)).not.toThrow()
      expect(() => inputCheckOf(definition.result ?? {}, 'result')(null)).not.toThrow()
    }
  })

  it('names the one that is broken, and keeps the others', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mayfly-kinds-'))
    try {
      const good = "export default { kind: 'good', pool: 'batch', input: {}, run() {} }"
      writeFileSync(join(directory, 'a.js'), good)
      writeFileSync(join(directory, 'b.js'), 'export default {{{')
      const read = await readOwnKinds(directory, options)
      expect(read).toMatchObject({
        found: [{ definition: { kind: 'good' } }],
        broken: [{ module: join(directory, 'b.js'), reason: expect.stringContaining('SyntaxError') }],
      })
      writeFileSync(join(directory, 'b.js'), good.replace('batch', 'nowhere'))
      expect((await readOwnKinds(directory, options)).broken).toMatchObject([{ module: join(directory, 'b.js') }])
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})

describe('the registry of kinds', () => {
  const definition = { kind: 'one', pool: 'batch', input: { type: 'object', required: ['a'] } } as const

  it('gives a kind what its definition leaves out', () => {
    const kind = createRegistry([
      { module: '/m', definition: { ...definition, limits: { runSeconds: 5 } } },
    ]).registry.get('one')
    expect(kind).toMatchObject({
      limits: { ...defaultLimits, runSeconds: 5 },
      retry: defaultRetry,
      module: '/m',
    })
    expect(kind?.checkInput({ a: 1 })).toBeUndefined()
    expect(kind?.checkInput({})).toContain('a')
  })

  it('keeps the first definition of a name', () => {
    const { registry, passedOver } = createRegistry([
      { module: '/built-in', definition },
      { module: '/impostor', definition },
    ])
    expect(registry.get('one')?.module).toBe('/built-in')
    expect(passedOver.map((one) => one.module)).toEqual(['/impostor'])
  })
})

describe('what the reader of kinds tells of a module', () => {
  const own = mkdtempSync(join(tmpdir(), 'mayfly-texts-'))
  afterAll(() => rmSync(own, { recursive: true }))
  const digest = (code: string) => createHash('sha256').update(code).digest('hex')

  async function textOf(name: string, code: string, environment: Record<string, string> = {}) {
    const directory = mkdtempSync(join(own, 'kinds-'))
    writeFileSync(join(directory, name), code)
    const environmentOf = { ...options.environment, ...environment }
    const { found, broken } = await readKinds([directory], { ...options, environment: environmentOf })
    expect(broken).toEqual([])
    return found[0]?.text
  }

  it('is what an ECMAScript module says', async () => {
    const code = "export default { kind: 'said', pool: 'normal', input: {}, run() {} }"
    expect(await textOf('said.js', code)).toEqual({ hash: digest(code), source: code })
  })

  it('is nothing of a CommonJS module', async () => {
    expect(
      await textOf('common.js', "module.exports = { kind: 'common', pool: 'normal', input: {}, run() {} }"),
    ).toBeUndefined()
  })

  it('is nothing of a link, whose imports start where it leads to', async () => {
    const [here, there] = ['here-', 'there-'].map((name) => mkdtempSync(join(own, name))) as [string, string]
    writeFileSync(join(there, 'shared.js'), 'export const pool = "batch"')
    const code = "import { pool } from './shared.js'\nexport default { kind: 'linked', pool, input: {}, run() {} }"
    writeFileSync(join(there, 'linked.js'), code)
    symlinkSync(join(there, 'linked.js'), join(here, 'linked.js'))
    const { found } = await readKinds([here], options)
    expect(found).toMatchObject([{ definition: { kind: 'linked', pool: 'batch' } }])
    expect(found[0]?.text).toBeUndefined()
  })

  it('is nothing where only Node can make JavaScript of it', async () => {
    const code = "enum Kind { Name = 'enum' }\nexport default { kind: Kind.Name, pool: 'normal', input: {}, run() {} }"
    expect(await textOf('enum.ts', code, { NODE_OPTIONS: '--experimental-transform-types' })).toBeUndefined()
  })

  it('is of the file as it was before it was loaded, whatever it became then', async () => {
    const code = `import { writeFileSync } from 'node:fs'
      writeFileSync(import.meta.filename, 'module.exports = 1')
      export default { kind: 'changing', pool: 'normal', input: {}, run() {} }`
    expect(await textOf('changing.js', code)).toEqual({ hash: digest(code), source: code })
  })
})
