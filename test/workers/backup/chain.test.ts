import { describe, expect, it } from 'vitest'
import { chainOf, type Link } from '../../../workers/backup/chain.ts'
import { filesOf, type Manifest, parseManifest } from '../../../workers/backup/manifest.ts'

const links = (...all: Link[]) => new Map(all.map((one) => [one.id, one]))
const full = (id: string): Link => ({ id, mode: 'full', parent: null })
const more = (id: string, parent: string | null): Link => ({ id, mode: 'incremental', parent })

describe('a chain of backups', () => {
  it('leads from one back to the full one it builds on', () => {
    const all = links(full('a'), more('b', 'a'), more('c', 'b'), full('d'))
    expect(chainOf(all, 'c').map(({ id }) => id)).toEqual(['c', 'b', 'a'])
    expect(chainOf(all, 'd').map(({ id }) => id)).toEqual(['d'])
  })

  it('is refused with a sentence when it is broken', () => {
    expect(() => chainOf(links(), 'x')).toThrow('there is no backup x')
    expect(() => chainOf(links(more('b', 'a')), 'b')).toThrow('the backup b builds on a, which is not there')
    expect(() => chainOf(links(more('a', 'b'), more('b', 'a')), 'b')).toThrow('its own ancestor')
    expect(() => chainOf(links(more('a', null)), 'a')).toThrow('has no parent')
  })
})

describe('a manifest', () => {
  const file = (path: string) => ({ path, bytes: 1, sha256: 'f' })
  const manifest = (data: string): Partial<Manifest> => ({
    version: 1,
    id: 'a',
    org: 'prod',
    orgId: '00D',
    mode: 'full',
    to: '2026-01-01T00:00:00.000Z',
    objects: { Account: { rows: 1, columns: ['Id'], mode: 'full', data: file(data), schema: file('b') } },
    bodies: { Document: { count: 0, bytes: 0, index: file('c') } },
    metadata: { files: 1, zips: [{ ...file('d'), files: 1 }] },
  })

  it('vouches for every file that it names', () => {
    const read = parseManifest(JSON.stringify(manifest('a')))
    expect(filesOf(read).map(({ path }) => path)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('is refused when it is another version, lacks something, or leads out of its directory', () => {
    expect(() => parseManifest('{"version": 2}')).toThrow('version 2')
    expect(() => parseManifest('{"version": 1, "id": "a"}')).toThrow('lacks org, orgId, mode, to, objects')
    for (const path of ['../secret', '/etc/passwd', 'a/../../b'])
      expect(() => parseManifest(JSON.stringify(manifest(path)))).toThrow('outside of its backup')
  })
})
