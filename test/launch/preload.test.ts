import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Readiness } from '../../src/contract/readiness.ts'
import type { PoolList } from '../../src/contract/stats.ts'
import { Workspaces } from '../../src/files/workspaces.ts'
import { Census } from '../../src/process/census.ts'
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
    writeFileSync(join(directory, 'heavy', 'end.js'), 'process.exit(1)')
    writeFileSync(join(directory, 'ending.js'), kind('ending', [heavy.replace('heavy.js', 'end.js')]))
    writeFileSync(join(directory, 'missing.js'), kind('missing', [`${heavy}.not-there`, heavy]))
    writeFileSync(join(directory, 'relative.js'), kind('relative', ['./heavy.js']))
    mayfly = await startMayfly({ config: { kinds: [directory], standby: 2, maxStartFailures: 1 } })
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

  it('takes nobody else’s workers away where it ends them all', async () => {
    expect(await mayfly.run({ kind: 'ending' })).toMatchObject({ state: 'failed', error: { code: 'NOT_STARTED' } })
    const standing = () => new Workspaces(join(mayfly.data, 'workspaces')).leftover()
    const readiness = async () => ((await (await fetch(`${mayfly.url}/readyz`)).json()) as Readiness).standby
    await expect.poll(readiness, { timeout: 20_000 }).toMatchObject({ failing: true })
    for (const { pid } of new Census().look((worker) => standing().includes(worker)).marked)
      process.kill(pid, 'SIGKILL')
    // Not of that kind: those of it never come up.
    await expect.poll(async () => (await readiness()).waiting, { timeout: 20_000 }).toBeGreaterThan(0)
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
