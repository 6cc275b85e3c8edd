import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { standing } from '../fixtures/standing.ts'

const kinds = mkdtempSync(join(tmpdir(), 'mayfly-load-'))

const definition = (kind: string, result: string) =>
  `{ kind: '${kind}', pool: 'normal', input: {}, run: () => ${result} }`
const modules = {
  'typed.ts': `const one: number = 1\nexport default ${definition('typed', 'one')}`,
  'module.mjs': `import { sep } from 'node:path'\nexport default ${definition('module', 'sep')}`,
  'plain.js': `export default ${definition('plain', 'import.meta.dirname')}`,
  'waits.mjs': `const two = await Promise.resolve(2)\nexport default ${definition('waits', 'two')}`,
  'common.js': `module.exports = ${definition('common', "typeof require('node:fs').statSync")}`,
  'several/index.ts': `import { three } from './three.ts'\nexport default ${definition('several', 'three')}`,
  'several/three.ts': 'export const three: number = await 3',
  'changes.js': `export default ${definition('changes', "'before'")}`,
}

mkdirSync(join(kinds, 'several'))
afterAll(() => rmSync(kinds, { recursive: true, force: true }))

describe.each([
  ['is born for its task', 0],
  ['stood by', 4],
])('a worker that %s', (_, standby) => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    for (const [name, code] of Object.entries(modules)) writeFileSync(join(kinds, name), code)
    mayfly = await startMayfly({ config: { kinds: [kinds], standby } })
  })

  afterAll(() => mayfly.remove())

  async function run(kind: string) {
    if (standby > 0) await expect.poll(() => standing(mayfly)).toBeGreaterThan(0)
    return mayfly.run({ kind })
  }

  it.each([
    ['typed', 1],
    ['module', '/'],
    ['plain', kinds],
    ['waits', 2],
    ['common', 'function'],
    ['several', 3],
  ])('takes a kind that is a module of any sort: %s', async (kind, result) => {
    expect(await run(kind)).toMatchObject({ state: 'succeeded', result })
  })

  it('has the code of its kind as it is then', async () => {
    expect(await run('changes')).toMatchObject({ result: 'before' })
    writeFileSync(join(kinds, 'changes.js'), `export default ${definition('changes', "'after'")}`)
    expect(await run('changes')).toMatchObject({ result: 'after' })
  })

  it.each([
    ["throw new RangeError('no such thing')", 'no such thing'],
    ["import { four } from './several/three.ts'\nexport default four", "does not provide an export named 'four'"],
  ])('fails its task with what keeps its kind from being loaded: %s', async (code, message) => {
    writeFileSync(join(kinds, 'changes.js'), code)
    const { error } = await run('changes')
    expect(error?.message).toContain(message)
  })

  it('says which kind is gone, and what to do', async () => {
    const module = join(kinds, 'changes.js')
    rmSync(module)
    const { error } = await run('changes')
    expect(error).toMatchObject({
      code: 'MODULE_NOT_FOUND',
      message: `the module of the kind changes is gone: put ${module} back, or start the server again without this kind`,
    })
  })
})

describe('a worker that stood by', () => {
  const own = mkdtempSync(join(tmpdir(), 'mayfly-text-'))
  const module = join(own, 'brief.ts')
  afterAll(() => rmSync(own, { recursive: true, force: true }))

  it('runs what its attempt has the hash of, though the file is gone when it loads it', async () => {
    const isLoaded = "process.getBuiltinModule('node:module')._cache[import.meta.filename].loaded"
    writeFileSync(module, `const one: number = 1\nexport default ${definition('brief', `[one, ${isLoaded}]`)}`)
    // Between the claim, which has looked at the file, and the worker, which is told next.
    const witness = (waypoint: string) => void (waypoint === 'launch.born' && setImmediate(() => rmSync(module)))
    const mayfly = await startMayfly({ config: { kinds: [own], standby: 4 }, hooks: { witness } })
    try {
      await expect.poll(() => standing(mayfly)).toBeGreaterThan(0)
      expect(await mayfly.run({ kind: 'brief' })).toMatchObject({ state: 'succeeded', result: [1, true] })
    } finally {
      await mayfly.remove()
    }
  })
})
