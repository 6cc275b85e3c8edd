import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

const kinds = mkdtempSync(join(tmpdir(), 'mayfly-load-'))
let mayfly: TestMayfly

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

beforeAll(async () => {
  mkdirSync(join(kinds, 'several'))
  for (const [name, code] of Object.entries(modules)) writeFileSync(join(kinds, name), code)
  mayfly = await startMayfly({ config: { kinds: [kinds] } })
})

afterAll(async () => {
  await mayfly.remove()
  rmSync(kinds, { recursive: true, force: true })
})

it.each([
  ['typed', 1],
  ['module', '/'],
  ['plain', kinds],
  ['waits', 2],
  ['common', 'function'],
  ['several', 3],
])('a kind may be a module of any sort: %s', async (kind, result) => {
  expect(await mayfly.run({ kind })).toMatchObject({ state: 'succeeded', result })
})

it('the code of a task is that of its module when it is born', async () => {
  expect(await mayfly.run({ kind: 'changes' })).toMatchObject({ result: 'before' })
  writeFileSync(join(kinds, 'changes.js'), `export default ${definition('changes', "'after'")}`)
  expect(await mayfly.run({ kind: 'changes' })).toMatchObject({ result: 'after' })
})

it('what keeps a module from being loaded is what its task fails with', async () => {
  writeFileSync(join(kinds, 'changes.js'), "throw new RangeError('no such thing')")
  expect(await mayfly.run({ kind: 'changes' })).toMatchObject({ state: 'failed', error: { message: 'no such thing' } })
})
