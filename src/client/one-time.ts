import type { TaskRequest } from '../contract/request.ts'
import type { SealingKey } from '../contract/secret.ts'
import type { Rest } from './rest.ts'
import { seal } from './seal.ts'

/** Values for one task alone, by the names that it knows them by; each of 64 KiB at most. */
export type OneTimeValues = Readonly<Record<string, Uint8Array>>

/** The same request with these secrets, sealed to the server's key. The bytes stay the caller's to wipe. */
export async function withOneTime(rest: Rest, request: TaskRequest, values: OneTimeValues = {}): Promise<TaskRequest> {
  const entries = Object.entries(values)
  if (entries.length === 0) return request
  const { publicKey } = await rest.get<SealingKey>('v1/secrets/public-key')
  const sealed = await Promise.all(
    entries.map(async ([name, value]) => [name, { sealed: await seal(publicKey, name, value) }] as const),
  )
  return { ...request, secrets: { ...request.secrets, ...Object.fromEntries(sealed) } }
}
