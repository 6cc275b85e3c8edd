import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Mayfly } from '../../src/client/client.ts'
import type { ContractKind } from '../../src/contract/kinds.ts'
import { nothing } from '../../src/files/measure.ts'
import { excessOfDirectories } from '../../src/launch/directory-look.ts'
import { outerLevels } from '../fixtures/levels.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

describe.each(outerLevels)('the directory of a kind, at level %i', (level) => {
  let mayfly: TestMayfly
  const place = (tenant: string, ...names: string[]) => join(mayfly.data, 'directories', tenant, 'notes', ...names)
  const config = { kinds: ['directories', 'common'].map(children), maxTenantDirectoryMiB: 4, standby: 2 }

  beforeAll(async () => {
    mayfly = await startMayfly({ config: { ...config, isolation: { atMost: level } } })
  })
  afterAll(() => mayfly.remove())

  it('outlives tasks, and is shared by those of all kinds that name it', async () => {
    const first = await mayfly.run({ kind: 'notes', input: { write: { a: 'one' } } })
    expect(first).toMatchObject({ isolation: level, result: { directory: place('default'), names: ['a'] } })
    const second = await mayfly.run({ kind: 'other-notes', input: { write: { b: 'two' } } })
    expect(second).toMatchObject({ result: { names: ['a', 'b'] } })
    expect(readFileSync(place('default', 'b'), 'utf8')).toBe('two')
    expect(statSync(place('default')).mode & 0o777).toBe(0o700)
    expect((await mayfly.run({ kind: 'homeless' })).error?.message).toContain('the kind homeless has no directory')
  })

  it('is there for the tenant alone, and gone with it', async () => {
    await mayfly.run({ kind: 'notes', input: { write: { mine: 'a secret of default' } } })
    await mayfly.call('POST', '/tenants', { name: 'globex' })
    const made = await (await mayfly.call('POST', '/tokens', { tenant: 'globex', role: 'tenant' })).json()
    const { token } = made as { token: string }
    const theirs = new Mayfly({ url: mayfly.url, token })
    const input = { write: { theirs: 'x' }, read: [place('default', 'mine')] }
    const result = await theirs.run({ kind: 'notes', input })
    const outcome = level === 2 ? 'ENOENT' : 'DONE'
    expect(result).toMatchObject({ names: ['theirs'], outcomes: { [place('default', 'mine')]: outcome } })

    expect((await mayfly.call('DELETE', '/tenants/globex')).status).toBe(204)
    await expect.poll(() => existsSync(join(mayfly.data, 'directories', 'globex'))).toBe(false)
    expect(existsSync(place('default', 'mine'))).toBe(true)
  })

  it('ends a task that adds to what is too much already, and none that makes room', async () => {
    const full = await mayfly.run({ kind: 'notes', input: { fillMiB: 500 }, retry: { maxAttempts: 1 } })
    const message = /^the directories of its tenant take \d+ MiB, their limit is 4 MiB \(maxTenantDirectoryMiB\)/
    expect(full.error).toMatchObject({
      code: 'DIRECTORY_LIMIT',
      message: expect.stringMatching(message),
      details: { limit: 'maxTenantDirectoryMiB', allowed: 4 },
    })
    expect(mayfly.leftovers(full.id)).toEqual({ processes: [], workspaces: [] })
    expect(await mayfly.run({ kind: 'notes' })).toMatchObject({ state: 'succeeded' })
    rmSync(place('default', 'large'))
  })

  it('is shown with its kind', async () => {
    const { items } = await mayfly.get<{ items: ContractKind[] }>('/kinds')
    expect(items.find(({ kind }) => kind === 'notes')?.directory).toBe('notes')
    expect(items.find(({ kind }) => kind === 'exec')?.directory).toBeNull()
  })
})

describe('what the directories of a tenant may take', () => {
  const taking = (mebibytes: number, isHidden = false) => ({ ...nothing, bytes: mebibytes * 1024 ** 2, isHidden })

  it('is passed by whoever adds to more than that, or to more than can be counted', () => {
    expect(excessOfDirectories(taking(1), taking(4), 4)).toBeUndefined()
    expect(excessOfDirectories(taking(1), taking(5), 4)?.cause).toBe('directory')
    expect(excessOfDirectories(taking(6), taking(7), 4)?.cause).toBe('directory')
    expect(excessOfDirectories(taking(1), taking(2, true), 4)?.message).toContain('more files than can be counted')
  })

  it('is not passed by whoever leaves it as it is, or makes room', () => {
    expect(excessOfDirectories(taking(6), taking(6), 4)).toBeUndefined()
    expect(excessOfDirectories(taking(6, true), taking(5, true), 4)).toBeUndefined()
  })
})
