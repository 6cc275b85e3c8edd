/**
 * Seals a secret's value for the vault, with nothing but WebCrypto: `src/secrets/sealed-box.ts` says how, and opens it.
 */
const info = new TextEncoder().encode('mayfly.secret.v1')
const nonceBytes = 12

type Pair = Record<'publicKey' | 'privateKey', Parameters<typeof crypto.subtle.exportKey>[1]>

/** `publicKey` as `GET /v1/secrets/public-key` gives it; the result is what `PUT /v1/secrets/{name}` takes as `sealed`. */
export async function seal(publicKey: string, name: string, value: Uint8Array): Promise<string> {
  const { subtle } = crypto
  const recipient = fromBase64Url(publicKey)
  const remote = await subtle.importKey('raw', recipient, 'X25519', false, [])
  const pair = (await subtle.generateKey('X25519', false, ['deriveBits'])) as Pair
  const ephemeral = new Uint8Array(await subtle.exportKey('raw', pair.publicKey))
  const shared = await subtle.deriveBits({ name: 'X25519', public: remote }, pair.privateKey, 256)
  const base = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey'])
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: join(ephemeral, recipient), info }
  const key = await subtle.deriveKey(derivation, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt'])
  const iv = crypto.getRandomValues(new Uint8Array(nonceBytes))
  const additionalData = new TextEncoder().encode(name)
  // WebCrypto takes no shared memory, so it gets a copy.
  const plain = new Uint8Array(value)
  try {
    const sealed = await subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, plain)
    return toBase64Url(join(ephemeral, iv, new Uint8Array(sealed)))
  } finally {
    plain.fill(0)
  }
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}
