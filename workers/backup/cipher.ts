/**
 * Files encrypted piece by piece, so that one of any size is read and written with little memory, and nothing of it is
 * used before it was authenticated. AES-256-GCM; a piece's number and whether it is the last are part of its nonce, so
 * that none can be left out, moved or cut off (the STREAM construction).
 *
 *     file:  "MAYFLYB1" | salt 16 | nonce 7 | pieces
 *     piece: ciphertext of 64 KiB, the last of fewer | tag 16
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  scryptSync,
  timingSafeEqual,
} from 'node:crypto'
import { Transform, type TransformCallback } from 'node:stream'
import { zeroable } from '../../src/system/zeroable.ts'
import { FatalError, invalidInput } from '../errors/steering.ts'
import type { Encryption } from './manifest.ts'

const magic = Buffer.from('MAYFLYB1')
const saltBytes = 16
const nonceBytes = 7
const headerBytes = magic.length + saltBytes + nonceBytes
const tagBytes = 16
const pieceBytes = 64 * 1024
/** 32 MiB for a moment, and some 80 ms: once a backup. */
const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }
const fewestSecretBytes = 16

/** The key of one backup; to be wiped by who has it. */
export function keyOf(secret: Uint8Array, { salt, check }: Pick<Encryption, 'salt'> & { check?: string }): Buffer {
  if (secret.length < fewestSecretBytes) {
    throw invalidInput(`the secret encryption is too short for a key: give it ${fewestSecretBytes} bytes or more`)
  }
  const key = zeroable(32)
  const derived = scryptSync(secret, Buffer.from(salt, 'base64'), 32, cost)
  key.set(derived)
  derived.fill(0)
  if (check === undefined || timingSafeEqual(Buffer.from(check, 'base64'), checkOf(key))) return key
  key.fill(0)
  throw invalidInput('the secret encryption is another one than the backup was made with')
}

/** A new backup's encryption, and its key. */
export function newKey(secret: Uint8Array): { encryption: Encryption; key: Buffer } {
  const salt = randomBytes(saltBytes).toString('base64')
  const key = keyOf(secret, { salt })
  return { key, encryption: { cipher: 'aes-256-gcm', kdf: 'scrypt', salt, check: checkOf(key).toString('base64') } }
}

function checkOf(key: Uint8Array): Buffer {
  return createHmac('sha256', key).update('mayfly backup key check').digest()
}

export function encrypting(key: Uint8Array): Transform {
  const salt = randomBytes(saltBytes)
  const nonce = randomBytes(nonceBytes)
  const fileKey = fileKeyOf(key, salt)
  let piece = 0
  let isBegun = false
  const seal = (bytes: Buffer, isLast: boolean) => {
    const cipher = createCipheriv('aes-256-gcm', fileKey, nonceOf(nonce, piece++, isLast))
    return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
  }
  const header = () => {
    const bytes = isBegun ? [] : [magic, salt, nonce]
    isBegun = true
    return Buffer.concat(bytes)
  }
  return new Pieces(
    pieceBytes,
    (bytes, isLast) => Buffer.concat([header(), seal(bytes, isLast)]),
    () => fileKey.fill(0),
  )
}

/** Reading it again would show the same. */
function damaged(message: string): FatalError {
  return new FatalError(message, { code: 'BACKUP_DAMAGED' })
}

export function decrypting(key: Uint8Array): Transform {
  let opened: { fileKey: Buffer; nonce: Buffer } | undefined
  let piece = 0
  const open = (bytes: Buffer, isLast: boolean) => {
    if (!opened || bytes.length < tagBytes) throw damaged('the file is cut off')
    const decipher = createDecipheriv('aes-256-gcm', opened.fileKey, nonceOf(opened.nonce, piece++, isLast))
    decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes))
    const plain = decipher.update(bytes.subarray(0, bytes.length - tagBytes))
    try {
      decipher.final()
      return plain
    } catch {
      throw damaged('the file was changed, cut off, or encrypted with another key')
    }
  }
  const head = (bytes: Buffer) => {
    if (!bytes.subarray(0, magic.length).equals(magic)) throw damaged('this is no encrypted file of a backup')
    const nonce = Buffer.from(bytes.subarray(magic.length + saltBytes, headerBytes))
    opened = { fileKey: fileKeyOf(key, bytes.subarray(magic.length, magic.length + saltBytes)), nonce }
  }
  return new Pieces(pieceBytes + tagBytes, open, () => opened?.fileKey.fill(0), { bytes: headerBytes, take: head })
}

function fileKeyOf(key: Uint8Array, salt: Uint8Array): Buffer {
  const fileKey = zeroable(32)
  fileKey.set(new Uint8Array(hkdfSync('sha256', key, salt, 'mayfly backup file', 32)))
  return fileKey
}

function nonceOf(prefix: Buffer, piece: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  prefix.copy(nonce)
  nonce.writeUInt32BE(piece, nonceBytes)
  nonce[11] = isLast ? 1 : 0
  return nonce
}

/** Cuts what comes into pieces of one size; the last one, which may be empty, is told. */
class Pieces extends Transform {
  readonly #bytes: number
  readonly #each: (bytes: Buffer, isLast: boolean) => Buffer
  readonly #end: () => void
  #head: { readonly bytes: number; take(bytes: Buffer): void } | undefined
  #waiting: Buffer[] = []
  #length = 0

  constructor(
    bytes: number,
    each: (bytes: Buffer, isLast: boolean) => Buffer,
    end: () => void,
    head?: { readonly bytes: number; take(bytes: Buffer): void },
  ) {
    super()
    this.#bytes = bytes
    this.#each = each
    this.#end = end
    this.#head = head
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#waiting.push(chunk)
    this.#length += chunk.length
    this.#attempt(done, () => this.#cut())
  }

  override _flush(done: TransformCallback): void {
    this.#attempt(done, () => {
      this.#cut()
      if (this.#head) throw damaged('the file is cut off')
      this.push(this.#each(this.#take(this.#length), true))
    })
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#end()
    done(error)
  }

  /** A piece goes out when more than it has come, because the last one is another. */
  #cut(): void {
    if (this.#head && this.#length >= this.#head.bytes) {
      this.#head.take(this.#take(this.#head.bytes))
      this.#head = undefined
    }
    while (!this.#head && this.#length > this.#bytes) this.push(this.#each(this.#take(this.#bytes), false))
  }

  #take(bytes: number): Buffer {
    const all = this.#waiting.length === 1 ? (this.#waiting[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#waiting)
    const rest = all.subarray(bytes)
    this.#waiting = rest.length > 0 ? [rest] : []
    this.#length = rest.length
    return all.subarray(0, bytes)
  }

  #attempt(done: TransformCallback, act: () => void): void {
    try {
      act()
      done()
    } catch (error) {
      done(error as Error)
    }
  }
}
