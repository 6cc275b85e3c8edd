/** Bodies of files on their way from the backup to the org, streamed from the disk. */
import { createWriteStream, openAsBlob, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Context } from '../../context.ts'
import type { Org } from '../../salesforce/org.ts'
import { TIMEOUTS } from '../../salesforce/timeouts.ts'
import { type Body, readIndex } from '../bodies-index.ts'
import { longId } from '../ids.ts'
import type { Sent } from '../made.ts'
import { placeIn, readSealed } from '../sealed.ts'
import { type RowResult, refusedResult, writeHeaders } from './calls.ts'
import type { RestoreInput } from './input.ts'
import type { Source } from './source.ts'

export interface StoredBody extends Body {
  readonly place: string
  readonly key: Uint8Array | null
}

/** Where the newest body of each row lies. */
export function bodiesIn(source: Source, object: string): Map<string, StoredBody> {
  const found = new Map<string, StoredBody>()
  for (const { place, file, key } of source.bodyIndexes(object)) {
    for (const body of readIndex(readFileSync(placeIn(place, file.path), 'utf8')))
      if (!found.has(longId(body.id))) found.set(longId(body.id), { ...body, place, key })
  }
  return found
}

const parts: Readonly<Record<string, { readonly row: string; readonly field: string }>> = {
  ContentVersion: { row: 'entity_content', field: 'VersionData' },
  Attachment: { row: 'entity_attachment', field: 'Body' },
  Document: { row: 'entity_document', field: 'Body' },
}

/** Makes the row with its bytes, in one form of two parts: nothing of the bytes is in memory. */
export async function insertWithBody(
  { workspace, input }: Pick<Context<RestoreInput>, 'workspace' | 'input'>,
  org: Org,
  object: string,
  values: Sent,
  body: StoredBody,
): Promise<RowResult> {
  const { row, field } = parts[object] ?? { row: 'entity', field: 'Body' }
  const content = await openAsBlob(await plainFileOf(body, workspace))
  const boundary = `mayfly-${crypto.randomUUID()}`
  const name = String(values.PathOnClient ?? values.Name ?? 'file').replace(/["\r\n\\]/g, '_')
  const head =
    `--${boundary}\r\nContent-Disposition: form-data; name="${row}"\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(values)}\r\n` +
    `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`
  const form = new Blob([head, content, `\r\n--${boundary}--\r\n`])
  const sent = org.request<RowResult>(`/sobjects/${object}`, {
    method: 'POST',
    body: () => form,
    headers: { ...writeHeaders(input), 'content-type': `multipart/form-data; boundary=${boundary}` },
    timeoutMs: TIMEOUTS.large,
    step: `making a row of ${object} with its file`,
  })
  return sent.then(({ id }) => ({ success: true, errors: [], ...(id && { id }) }), refusedResult)
}

/** One that is encrypted is decrypted into the workspace, which is gone with the attempt. */
async function plainFileOf({ place, path, key }: StoredBody, workspace: string): Promise<string> {
  if (!path.endsWith('.enc')) return placeIn(place, path)
  const file = join(workspace, 'body')
  await pipeline(readSealed(place, { path }, key), createWriteStream(file, { mode: 0o600 }))
  return file
}
