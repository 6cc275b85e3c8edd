import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { maxSecretBytes, type SecretProvider } from '../../src/secrets/provider.ts'
import { SecretUnavailable } from '../../src/secrets/unusable.ts'
import { buffersMadeBy, isWiped } from '../fixtures/buffers.ts'

/** A place of secrets that a test may fill. */
export interface ProviderSubject {
  readonly provider: SecretProvider
  /** By the names that it gives to secrets. */
  put(name: string, value: Buffer): Promise<void>
  /** Names that can never be one's, each with a part of the sentence that says so. */
  readonly impossible: readonly (readonly [name: string, says: string])[]
  readonly names: readonly [one: string, another: string, nobodys: string]
  /** Names of what is there and cannot be had, with a part of the sentence that says what to do, and whether that may pass. */
  readonly unavailable: readonly (readonly [name: string, says: string, isPassing: boolean])[]
  /** Values must be text. */
  readonly isText?: boolean
  remove(): Promise<void>
}

/** What every provider of secrets promises. */
export function describeProvider(name: string, make: () => Promise<ProviderSubject>): void {
  describe(name, () => {
    let subject: ProviderSubject
    beforeAll(async () => {
      subject = await make()
    })
    afterAll(() => subject?.remove())

    const newValue = (bytes: number) =>
      subject.isText ? Buffer.from(randomBytes(bytes).toString('base64').slice(0, bytes)) : randomBytes(bytes)
    const ask = () => ({ tenant: 'acme', signal: new AbortController().signal })
    const get = (of: string) => subject.provider.get(of, ask())

    test.each([1, 64, 65, 1000, maxSecretBytes])('gives a value back byte for byte: %i bytes', async (bytes) => {
      const [one] = subject.names
      // The end of a line is not part of it where a person may have written it.
      const value = Buffer.concat([newValue(bytes - 1), Buffer.from('x')])
      await subject.put(one, Buffer.from(value))
      expect(subject.provider.refusalOf(one)).toBeUndefined()
      expect((await get(one))?.equals(value)).toBe(true)
    })

    test('gives the newest value, and tells names apart', async () => {
      const [one, another] = subject.names
      for (const [of, text] of [
        [one, 'first'],
        [another, 'other'],
        [one, 'newest'],
      ] as const)
        await subject.put(of, Buffer.from(text))
      expect((await get(one))?.toString()).toBe('newest')
      expect((await get(another))?.toString()).toBe('other')
    })

    test('knows when there is none', async () => {
      expect(subject.provider.refusalOf(subject.names[2])).toBeUndefined()
      expect(await get(subject.names[2])).toBeUndefined()
    })

    test('leaves nothing behind but the value that it gives', async () => {
      const [one] = subject.names
      await subject.put(one, Buffer.from('not to be kept'))
      const made = await buffersMadeBy(async () => (await get(one))?.fill(0))
      expect(made.length).toBeGreaterThan(0)
      expect(made.every(isWiped)).toBe(true)
    })

    test('says in a sentence which names can never be one', () => {
      expect(subject.impossible.length).toBeGreaterThan(0)
      for (const [of, says] of subject.impossible) {
        expect(`${of}: ${subject.provider.refusalOf(of)}`).toContain(says)
      }
    })

    test('says in a sentence what to do about what it cannot give', async () => {
      for (const [of, says, isPassing] of subject.unavailable) {
        const error = await get(of).catch((thrown) => thrown)
        expect(error, of).toBeInstanceOf(SecretUnavailable)
        expect({ message: error.message, isPassing: error.isPassing }, of).toEqual({
          message: expect.stringContaining(says),
          isPassing,
        })
      }
    })
  })
}
