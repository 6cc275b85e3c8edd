import { expect, it } from 'vitest'
import { needles } from '../../workers/needles.ts'
import { LentSecrets } from '../../workers/secrets.ts'
import { buffersMadeBy, isWiped } from '../fixtures/buffers.ts'

/** Buffers that a call makes hold as many bytes as the value, whatever else is made. */
const buffersOf = async (value: string, call: () => unknown) =>
  (await buffersMadeBy(call)).filter(({ length }) => length === value.length)

// One after the other: what must be masked is known to the whole process.
it('what a task wants masked lies in one buffer until the end, and nowhere when it is known or refused', async () => {
  const announced: string[] = []
  const stored: string[] = []
  const secrets = new LentSecrets(new Map(), {
    mask: async (value) => void announced.push(String(Buffer.from(value))),
    store: async (name, value) => void stored.push(`${name}=${Buffer.from(value)}`),
  })
  const value = 'came-to-know-4711'

  const kept = await buffersOf(value, () => secrets.mask(value))
  expect(kept.map(String)).toEqual([value])

  const known = await buffersOf(value, () => secrets.mask(Buffer.from(value)))
  expect(known.length).toBe(1)
  expect(known.every(isWiped)).toBe(true)
  expect(announced).toEqual([value, value])

  const refused = await buffersOf('short', () =>
    expect(secrets.mask('short')).rejects.toMatchObject({
      retryable: false,
      message: expect.stringContaining('6 bytes'),
    }),
  )
  expect(refused.length).toBe(1)
  expect(refused.every(isWiped)).toBe(true)

  const session = 'session-of-an-org'
  const storedIn = await buffersOf(session, () => secrets.store('session', session))
  expect(stored).toEqual([`session=${session}`])
  expect(storedIn.map(String)).toEqual([session])
  expect(needles.has(Buffer.from(session))).toBe(true)
  await expect(secrets.store('no name', session)).rejects.toThrow('no name is no name of a secret')

  secrets.wipe()
  expect(storedIn.every(isWiped)).toBe(true)
  expect(kept.every(isWiped)).toBe(true)
  expect(needles.areWiped).toBe(true)
})
