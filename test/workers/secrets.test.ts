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
  const secrets = new LentSecrets(new Map(), async (value) => void announced.push(String(Buffer.from(value))))
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

  secrets.wipe()
  expect(kept.every(isWiped)).toBe(true)
  expect(needles.areWiped).toBe(true)
})
