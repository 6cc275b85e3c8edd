import { hash, randomBytes } from 'node:crypto'

/** 256 random bits; the prefix lets scanners find one that leaked. */
export function newToken(): string {
  return `mayfly_${randomBytes(32).toString('base64url')}`
}

/** Tokens are kept and compared only as digests. One round is enough for 256 random bits. */
export function digestOf(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}
