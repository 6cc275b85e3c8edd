import { createCipheriv, randomFillSync, timingSafeEqual } from 'node:crypto'
import { zeroable } from '../system/zeroable.ts'

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16
export const keyBytes = 32

/** `nonce | ciphertext | tag`, bound to `about`: elsewhere it does not open. */
export function encrypt(key: Uint8Array, plaintext: Uint8Array, about: string): Uint8Array {
  const nonce = randomFillSync(new Uint8Array(nonceBytes))
  return Buffer.concat([nonce, ...gcm(key, nonce, plaintext, about)])
}

/**
 * The plaintext in a buffer of its own, to be wiped. Throws when key, bytes or `about` are not the ones it was made with.
 *
 * Never by Node's own decipher, which leaves what it opens behind in memory that it has freed (measured): the key stream
 * comes out of the cipher masked by bytes that are then wiped, so that nothing that is left tells anything.
 */
export function decrypt(key: Uint8Array, sealed: Uint8Array, about: string): Buffer {
  if (sealed.length < nonceBytes + tagBytes) throw new Error('it is too short to be encrypted')
  const nonce = sealed.subarray(0, nonceBytes)
  const ciphertext = sealed.subarray(nonceBytes, sealed.length - tagBytes)
  const mask = randomFillSync(zeroable(ciphertext.length))
  const masked = keyStream(key, nonce).update(mask)
  for (let at = 0; at < mask.length; at++) {
    mask[at] = (mask[at] as number) ^ (masked[at] as number) ^ (ciphertext[at] as number)
  }
  // What masked it has become what it hid.
  const plaintext = mask
  masked.fill(0)
  const [, tag] = gcm(key, nonce, plaintext, about)
  if (timingSafeEqual(tag, sealed.subarray(sealed.length - tagBytes))) return plaintext
  plaintext.fill(0)
  throw new Error('it was not encrypted with this key, or for this')
}

export function newKey(): Buffer {
  return randomFillSync(zeroable(keyBytes))
}

function gcm(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, about: string): [Buffer, Buffer] {
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(about))
  const ciphertext = cipher.update(plaintext)
  cipher.final()
  return [ciphertext, cipher.getAuthTag()]
}

/** What GCM encrypts with is counter mode, from 2 on: with 1 it makes its tag. */
function keyStream(key: Uint8Array, nonce: Uint8Array) {
  const counter = new Uint8Array(16)
  counter.set(nonce)
  counter[15] = 2
  return createCipheriv('aes-256-ctr', key, counter)
}
