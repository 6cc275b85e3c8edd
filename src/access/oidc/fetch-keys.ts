import type { JSONWebKeySet } from 'jose'

const timeoutMs = 5_000
const mostBytes = 512 * 1024
const mostKeys = 100

/** Asks an issuer where its keys are, and then for them, in five seconds together. */
export async function fetchKeys(issuer: string): Promise<JSONWebKeySet> {
  const signal = AbortSignal.timeout(timeoutMs)
  const about = await readJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, signal)
  if (about.issuer !== issuer) throw new Error('it calls itself by another name')
  const { keys } = await readJson(safeAddress(about.jwks_uri, issuer), signal)
  if (!Array.isArray(keys) || keys.length > mostKeys) throw new Error('what it sends is no list of keys')
  return { keys: keys.filter((key) => typeof key === 'object' && key !== null) }
}

/** An issuer that is reached safely must not send us where others can listen. */
function safeAddress(address: unknown, issuer: string): string {
  const url = typeof address === 'string' ? URL.parse(address) : null
  if (url && (url.protocol === 'https:' || url.origin === new URL(issuer).origin)) return url.href
  throw new Error('it does not say where its keys are, or not at an address with https')
}

async function readJson(address: string, signal: AbortSignal): Promise<Record<string, unknown>> {
  const answer = await fetch(address, { signal, redirect: 'error', headers: { accept: 'application/json' } })
  if (!answer.ok) throw new Error(`it answered ${answer.status}`)
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length
    if (bytes > mostBytes) throw new Error('its answer is too long')
    chunks.push(chunk)
  }
  const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  if (typeof value !== 'object' || value === null) throw new Error('its answer is no object')
  return value as Record<string, unknown>
}
