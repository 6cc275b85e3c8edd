/** What an org has of the members of a manifest, by path in a package. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import type { Member } from '../metadata/chunks.ts'
import { type Retrieving, retrieveParts } from '../salesforce/retrieve-parts.ts'
import type { Files } from './compare.ts'

export async function retrieveAll(tools: Retrieving, members: readonly Member[]): Promise<Files> {
  const files = new Map<string, Uint8Array>()
  for (const { zip } of await retrieveParts(tools, members)) {
    for (const [path, content] of Object.entries(unzipSync(readFileSync(join(tools.context.kept, zip)))))
      if (!path.endsWith('/')) files.set(path.replace(/^unpackaged\//, ''), content)
  }
  return files
}
