import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto'
import { takeOver, zeroable } from '../system/zeroable.ts'

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16
export const keyBytes = 32

/** `nonce | ciphertext | tag`, bound to `about`: elsewhere it does not open. */
export function encrypt(key: Uint8Array, plaintext: Uint8Array, about: string): Uint8Array {
  const nonce = randomFillSync(new Uint8Array(nonceBytes))
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(about))
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

/** The plaintext in a buffer of its own, to be wiped. Throws when key, bytes or `about` are not the ones it was made with. */
export function decrypt(key: Uint8Array, sealed: Uint8Array, about: string): Buffer {
  if (sealed.length < nonceBytes + tagBytes) throw new Error('it is too short to be encrypted')
  const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, nonceBytes))
  decipher.setAAD(Buffer.from(about)).setAuthTag(sealed.subarray(sealed.length - tagBytes))
  const plaintext = takeOver(decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes)))
  try {
    decipher.final()
    return plaintext
  } catch (error) {
    plaintext.fill(0)
    throw error
  }
}

export function newKey(): Buffer {
  return randomFillSync(zeroable(keyBytes))
}
