import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seal } from '../../src/client/seal.ts'
import { newSealingKeys, openSealed, sealingKeysOf } from '../../src/secrets/sealed-box.ts'
import { takeOver } from '../../src/system/zeroable.ts'

const newKeys = () => {
  const { publicKey, privateBytes } = newSealingKeys()
  return sealingKeysOf(publicKey, takeOver(privateBytes))
}
const keys = newKeys()
const publicKey = Buffer.from(keys.publicKey).toString('base64url')
const sealed = async (name: string, value: Uint8Array) => Buffer.from(await seal(publicKey, name, value), 'base64url')

describe('a sealed value', () => {
  it('opens to the bytes that were sealed, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 1000 }), fc.string({ unit: 'binary' }), async (value, name) => {
        expect(new Uint8Array(openSealed(await sealed(name, value), name, keys))).toEqual(value)
      }),
      { numRuns: 50 },
    )
  })

  it('opens for nobody else, under no other name, and not when a bit of it changed', async () => {
    const box = await sealed('token', Buffer.from('a value'))
    expect(() => openSealed(box, 'token', newKeys())).toThrow()
    expect(() => openSealed(box, 'other', keys)).toThrow()
    for (let at = 0; at < box.length; at += 7) {
      const bent = Buffer.from(box)
      bent[at] = (bent[at] ?? 0) ^ 1
      expect(() => openSealed(bent, 'token', keys)).toThrow()
    }
    for (let length = 0; length < box.length; length += 5) {
      expect(() => openSealed(box.subarray(0, length), 'token', keys)).toThrow()
    }
  })
})
