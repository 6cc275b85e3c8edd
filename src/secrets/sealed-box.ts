/**
 * A sealed value: only the vault's private key opens it, so that no server, proxy or log on the way sees it.
 *
 *     ephemeral X25519 public key (32 bytes) | nonce (12) | ciphertext | tag (16)
 *     key = HKDF-SHA256(shared secret, salt = ephemeral | recipient, info = "mayfly.secret.v1")
 *     AES-256-GCM, additional data = the secret's name
 *
 * `src/client/seal.ts` is the other half.
 */
import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'
import { decrypt, keyBytes } from './cipher.ts'

const publicBytes = 32
/** What sealing adds to a value: the ephemeral key, the nonce and the tag. */
export const sealedOverheadBytes = publicBytes + 12 + 16
const info = 'mayfly.secret.v1'
/** What stands before the 32 bytes of a key in the standard encodings. */
const pkcs8Prefix = Buffer.from('302e020100300506032b656e04220420', 'hex')
const spkiPrefix = Buffer.from('302a300506032b656e032100', 'hex')

export interface SealingKeys {
  readonly publicKey: Uint8Array
  readonly privateKey: KeyObject
}

/** A new pair; the private half in a buffer to be stored encrypted and wiped. */
export function newSealingKeys(): { publicKey: Uint8Array; privateBytes: Buffer } {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' })
  return { publicKey: spki.subarray(spkiPrefix.length), privateBytes: pkcs8.subarray(pkcs8Prefix.length) }
}

/** Wipes `privateBytes`. */
export function sealingKeysOf(publicKey: Uint8Array, privateBytes: Buffer): SealingKeys {
  const der = Buffer.concat([pkcs8Prefix, privateBytes])
  try {
    return { publicKey, privateKey: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }) }
  } finally {
    der.fill(0)
    privateBytes.fill(0)
  }
}

/** The value in a buffer to be wiped. Throws when it was not sealed for these keys and this name. */
export function openSealed(sealed: Uint8Array, name: string, { publicKey, privateKey }: SealingKeys): Buffer {
  if (sealed.length < publicBytes) throw new Error('it is too short to be sealed')
  const ephemeral = sealed.subarray(0, publicBytes)
  const der = Buffer.concat([spkiPrefix, ephemeral])
  const shared = diffieHellman({ privateKey, publicKey: createPublicKey({ key: der, format: 'der', type: 'spki' }) })
  const key = new Uint8Array(hkdfSync('sha256', shared, Buffer.concat([ephemeral, publicKey]), info, keyBytes))
  shared.fill(0)
  try {
    return decrypt(key, sealed.subarray(publicBytes), name)
  } finally {
    key.fill(0)
  }
}
