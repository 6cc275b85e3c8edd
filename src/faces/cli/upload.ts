import { openAsBlob } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Mayfly } from '../../client/client.ts'
import type { TaskRequest } from '../../contract/request.ts'
import { UsageError } from './exit.ts'
import { isObject } from './request.ts'

/** The request with its input referring to what was sent. */
export async function withUpload(client: Mayfly, request: TaskRequest, path: string | undefined): Promise<TaskRequest> {
  if (path === undefined) return request
  const { input } = request
  if (!isObject(input)) throw new UsageError('--input must be an object where --upload adds to it')
  return { ...request, input: { ...input, upload: await upload(client, path) } }
}

/** Sends a directory as a tar that is made while it is sent, or a file as it is; resolves with the id of the upload. */
async function upload(client: Mayfly, path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  if (!found) throw new UsageError(`--upload: there is no ${path}`)
  const { id } = await client.uploads.add(found.isDirectory() ? await pack(path) : await openAsBlob(path))
  return id
}

/** Everything in it: what is left out, others decide. Only who sends a directory loads what packs it. */
async function pack(directory: string): Promise<ReadableStream<Uint8Array>> {
  const { create } = await import('tar/create')
  const archive = create({ cwd: directory, portable: true, strict: true }, ['.'])
  return ReadableStream.from(archive as AsyncIterable<Uint8Array>)
}
