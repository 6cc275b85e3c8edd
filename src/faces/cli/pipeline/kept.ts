import { text } from 'node:stream/consumers'
import type { Mayfly } from '../../../client/client.ts'
import { CommandError } from '../exit.ts'

const mostBytes = 64 * 1024 * 1024

/** The text of the first file with such a name that a task kept; nothing where there is none. */
export async function fileOf(
  client: Mayfly,
  { id }: { readonly id: string },
  name: RegExp,
): Promise<string | undefined> {
  const found = (await client.artifacts.list(id)).find((artifact) => name.test(artifact.name))
  if (!found) return undefined
  if (found.bytes > mostBytes) {
    throw new CommandError(`${found.name} is above 64 MiB, too much for a report: download it with --artifacts`)
  }
  return text(await client.artifacts.get(id, found.name))
}
