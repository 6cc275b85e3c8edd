import { hash, randomBytes } from 'node:crypto'

const shape = /^mayfly_([0-9a-f]{32})_[\w-]{43}$/

/** 256 random bits; the prefix lets scanners find one that leaked. */
export function newToken(): string {
  return `mayfly_${randomBytes(32).toString('base64url')}`
}

/** The same with the id under which it is looked up, which is no secret. */
export function newTokenOf(id: string): string {
  return `mayfly_${keyOf(id)}_${randomBytes(32).toString('base64url')}`
}

/** A token's id as the token itself carries it. */
export function keyOf(id: string): string {
  return id.replaceAll('-', '')
}

/** The key that a token carries; the admin's carries none. */
export function keyIn(token: string): string | undefined {
  return shape.exec(token)?.[1]
}

/**
 * Tokens are kept and compared only as digests, in hex: as text it comes for a third of what a buffer costs, and every
 * request needs one. One round is enough for 256 random bits.
 */
export function digestOf(token: string): string {
  return hash('sha256', token, 'hex')
}

/** How long it takes tells nothing of where they differ. */
export function areSameDigests(one: string, other: string): boolean {
  let difference = one.length ^ other.length
  for (let index = 0; index < one.length; index++) difference |= one.charCodeAt(index) ^ other.charCodeAt(index)
  return difference === 0
}
