/** What Salesforce takes at once, looked at before anybody waits for an upload. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path/posix'
import { deflateRawSync } from 'node:zlib'
import { salesforceLimits } from '../../deploy/build/zip.ts'
import type { Finding } from '../../lint/report.ts'
import type { Inventory, Item } from './inventory.ts'
import { found } from './report.ts'

export type Limits = typeof salesforceLimits

const MiB = 2 ** 20
/** Of each file's names and places in an archive. */
const overheadBytes = 150

export function limits({ root, items }: Inventory, allowed: Limits = salesforceLimits): readonly Finding[] {
  const placed = items.filter(({ place }) => place !== undefined)
  const [first] = placed
  if (!first) return []
  const files = new Set(placed.map(({ place }) => place?.to)).size
  const unzipped = placed.reduce((sum, { bytes }) => sum + bytes, 0)
  const complain = (what: string) => [found('metadata/too-big', first, what)]
  if (files > allowed.files) return complain(`the package has ${files} files, and Salesforce takes ${allowed.files}`)
  if (unzipped > allowed.unzippedBytes) return complain(sizes(unzipped, allowed.unzippedBytes, 'unpacked'))
  // Packing takes long: only what may be too large is packed to see.
  const zipped = unzipped <= allowed.zipBytes ? 0 : packedBytes(root, placed)
  return zipped > allowed.zipBytes ? complain(sizes(zipped, allowed.zipBytes, 'packed')) : []
}

function packedBytes(root: string, items: readonly Item[]): number {
  return items.reduce((sum, { file }) => sum + overheadBytes + deflateRawSync(readFileSync(join(root, file))).length, 0)
}

function sizes(bytes: number, most: number, how: string): string {
  return `the package has ${Math.ceil(bytes / MiB)} MiB ${how}, and Salesforce takes ${Math.floor(most / MiB)}`
}
