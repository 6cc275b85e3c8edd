import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

const directory = mkdtempSync(join(tmpdir(), 'mayfly-lean-'))

/** Tells the flags with which its Node was started. */
const kind = (name: string, first: string, more: string) => `${first}
export default { kind: '${name}', pool: 'normal', input: {}, async run() { ${more}; return process.execArgv } }`

describe('a kind that has next to nothing of Node loaded', () => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    writeFileSync(join(directory, 'plain.js'), kind('plain', '', ''))
    writeFileSync(join(directory, 'hungry.js'), kind('hungry', "import 'node:child_process'", ''))
    writeFileSync(join(directory, 'later.js'), kind('later', '', "await import('node:child_process')"))
    writeFileSync(join(directory, 'loud.js'), kind('loud', '', "console.log('loud')"))
    mayfly = await startMayfly({ config: { kinds: [directory] } })
  })

  afterAll(async () => {
    await mayfly.remove()
    rmSync(directory, { recursive: true })
  })

  const flags = async (kind: string) => (await mayfly.run({ kind })).result
  const lean = expect.arrayContaining(['--no-rehash-snapshot'])

  it('has workers that start lean, every time', async () => {
    expect(await flags('plain')).toEqual(lean)
    expect(await flags('plain')).toEqual(lean)
  })

  it.each(['hungry', 'exec'])('is not %s, whose module says what it needs', async (kind) => {
    const task = await mayfly.run({ kind, input: kind === 'exec' ? { command: ['true'] } : {} })
    expect(task).toMatchObject({ state: 'succeeded' })
    expect(task.result).not.toEqual(lean)
  })

  it.each(['later', 'loud'])('is not %s any more, once its tasks have had more loaded', async (kind) => {
    expect(await flags(kind)).toEqual(lean)
    expect(await flags(kind)).toEqual(lean)
    expect(await flags(kind)).not.toEqual(lean)
  })

  it('finds what V8 has compiled of its code, as others do', () => {
    const cache = join(mayfly.data, 'compile-cache')
    const compiled = readdirSync(cache, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    const sizes = compiled.map(({ name }) => readdirSync(join(cache, name)).length)
    expect(sizes).toHaveLength(2)
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(2)
  })
})
