import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { seal } from '../../src/client/seal.ts'
import { takeIn } from '../../src/secrets/intake.ts'
import { maxSecretBytes } from '../../src/secrets/provider.ts'
import { newSealingKeys, openSealed, sealingKeysOf } from '../../src/secrets/sealed-box.ts'
import { takeOver } from '../../src/system/zeroable.ts'

const { publicKey, privateBytes } = newSealingKeys()
const keys = sealingKeysOf(publicKey, takeOver(privateBytes))
const opened: Buffer[] = []
const vault = {
  unseal(sealed: Uint8Array, name: string) {
    const value = openSealed(sealed, name, keys)
    opened.push(value)
    return value
  },
}
const sealed = (value: Uint8Array) => seal(Buffer.from(publicKey).toString('base64url'), 'token', value)

describe('what comes in as a secret', () => {
  const values = {
    text: Buffer.from('grüße an alle'),
    'several lines': Buffer.from('-----BEGIN KEY-----\nc2VjcmV0IGxpbmU=\n-----END KEY-----\n'),
    JSON: Buffer.from('{"password":"correct horse"}'),
    'no text at all': Buffer.from([0, 255, 254, 0, 1, 2, 3, 128, 129]),
    'the most there may be': randomBytes(maxSecretBytes),
  }

  it.each(Object.entries(values))('is taken byte for byte: %s', async (what, value) => {
    const isText = value.toString() !== '' && Buffer.from(value.toString()).equals(value)
    if (isText) expect(takeIn({ value: value.toString() }, 'token', vault)).toEqual(value)
    expect(isText, what).toBe(!['no text at all', 'the most there may be'].includes(what))
    expect(takeIn({ value: value.toString('base64'), encoding: 'base64' }, 'token', vault)).toEqual(value)
    expect(takeIn({ sealed: await sealed(value) }, 'token', vault)).toEqual(value)
  })

  it('is refused when it is too large, before anything is opened', async () => {
    const large = randomBytes(maxSecretBytes + 1)
    const before = opened.length
    for (const sent of [
      { value: 'x'.repeat(maxSecretBytes + 1) },
      { value: large.toString('base64'), encoding: 'base64' as const },
      { sealed: await sealed(large) },
    ]) {
      expect(() => takeIn(sent, 'token', vault)).toThrow('a secret has at most 65536 bytes, and this one 65537')
    }
    expect(opened).toHaveLength(before)
  })

  it('is refused when it is too short to be masked, and wiped', async () => {
    const sent = [{ value: 'x' }, { value: '' }, { value: 'AA==', encoding: 'base64' as const }]
    for (const one of sent) expect(() => takeIn(one, 'token', vault)).toThrow('at least 6 bytes')
    const short = Buffer.from('short')
    expect(() => takeIn({ sealed: '' }, 'token', vault)).toThrow()
    const box = await sealed(short)
    expect(() => takeIn({ sealed: box }, 'token', vault)).toThrow('at least 6 bytes')
    expect(opened.at(-1)).toEqual(Buffer.alloc(short.length))
  })

  it.each([
    [{}, 'send the secret as value, or sealed'],
    [{ value: 'a value', sealed: 'AAAA' }, 'not both'],
    [{ encoding: 'base64' as const, sealed: 'AAAA' }, 'encoding goes with value'],
    [{ value: 'not base64!', encoding: 'base64' as const }, 'value is not base64'],
    [{ value: 'AAAAA', encoding: 'base64' as const }, 'value is not base64'],
  ])('is refused when it is unclear: %j', (sent, message) => {
    expect(() => takeIn(sent, 'token', vault)).toThrow(message)
  })
})
