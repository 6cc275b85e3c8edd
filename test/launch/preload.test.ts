import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PoolList } from '../../src/contract/stats.ts'
import { startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

const directory = mkdtempSync(join(tmpdir(), 'mayfly-preload-'))
const heavy = pathToFileURL(join(directory, 'heavy', 'heavy.js')).href

/** Tells whether the heavy module was there before it asked, and what else it can see of that. */
const kind = (name: string, preload: readonly string[]) => `export default {
  kind: '${name}',
  pool: 'critical',
  preload: ${JSON.stringify(preload)},
  input: {},
  limits: { memoryMiB: 100 },
  run: () => ({ loaded: globalThis.loaded ?? null, argv: process.argv.length }),
}
`

describe('what a kind has loaded ahead', () => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    mkdirSync(join(directory, 'heavy'))
    writeFileSync(join(directory, 'heavy', 'heavy.js'), 'globalThis.loaded = "heavy"')
    writeFileSync(join(directory, 'with.js'), kind('with', [heavy]))
    writeFileSync(join(directory, 'without.js'), kind('without', []))
    writeFileSync(join(directory, 'missing.js'), kind('missing', [`${heavy}.not-there`, heavy]))
    writeFileSync(join(directory, 'relative.js'), kind('relative', ['./heavy.js']))
    mayfly = await startMayfly({ config: { kinds: [directory], standby: 2 } })
  })

  afterAll(async () => {
    await mayfly.remove()
    rmSync(directory, { recursive: true })
  })

  const result = async (kind: string) => (await mayfly.run({ kind })).result

  it('is there when its task begins, whether its worker stood by or was born for it', async () => {
    expect(await result('with')).toEqual({ loaded: 'heavy', argv: 2 })
    const standing = async () => (await mayfly.get<PoolList>('/pools')).pools[0]?.standby
    await expect.poll(standing).toBeGreaterThan(0)
    expect(await result('with')).toEqual({ loaded: 'heavy', argv: 2 })
  })

  it('is nothing to a task of another kind, whose limits are the same', async () => {
    expect(await result('without')).toEqual({ loaded: null, argv: 2 })
  })

  it('need not be there: the task that asks for it is told', async () => {
    expect(await result('missing')).toEqual({ loaded: 'heavy', argv: 2 })
  })

  it('is named by URLs, or the kind is left out', async () => {
    const { items } = await mayfly.get<{ items: { kind: string }[] }>('/kinds')
    const kinds = items.map(({ kind }) => kind)
    expect(kinds).toContain('with')
    expect(kinds).not.toContain('relative')
  })
})
