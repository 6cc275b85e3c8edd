/** How far the API versions of components are apart, and what manifests say of theirs. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path/posix'
import type { Finding } from '../../lint/report.ts'
import { oldestApiVersion } from '../lint.ts'
import type { Inventory } from './inventory.ts'
import { found } from './report.ts'

const largestSpread = 15

export function versions(inventory: Inventory): readonly Finding[] {
  return [...spread(inventory), ...ofManifests(inventory)]
}

function spread({ root, items }: Inventory): readonly Finding[] {
  const known = items.flatMap(({ file, bytes }) => {
    if (!file.endsWith('-meta.xml') || bytes > 100_000) return []
    const [, version] = /<apiVersion>\s*(\d+)(?:\.\d+)?\s*</.exec(readFileSync(join(root, file), 'utf8')) ?? []
    return version === undefined ? [] : [{ file, version: Number(version) }]
  })
  const [oldest, newest] = [known.reduce(lower, known[0]), known.reduce(higher, known[0])]
  if (!oldest || !newest || newest.version - oldest.version <= largestSpread) return []
  // What is old by itself is told at its own place.
  if (oldest.version < oldestApiVersion) return []
  const what = `API versions go from ${oldest.version}.0 here to ${newest.version}.0 in ${newest.file}`
  return [found('metadata/api-version-spread', oldest, what)]
}

interface Versioned {
  readonly file: string
  readonly version: number
}

function lower(one: Versioned | undefined, other: Versioned): Versioned {
  return one && one.version <= other.version ? one : other
}

function higher(one: Versioned | undefined, other: Versioned): Versioned {
  return one && one.version >= other.version ? one : other
}

function ofManifests({ manifests }: Inventory): readonly Finding[] {
  return manifests.flatMap(({ file, version, isDestructive }) => {
    if (isDestructive || /^\d+\.0$/.test(version ?? '')) return []
    const what =
      version === undefined ? 'the manifest has no <version>' : `the version ${version} is none, such as 62.0`
    return [found('metadata/manifest-version', { file }, what)]
  })
}
