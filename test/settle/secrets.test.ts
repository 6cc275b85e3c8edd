import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { takeOver } from '../../src/system/zeroable.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

let mayfly: TestMayfly
beforeAll(async () => {
  const kinds = ['endings', 'faults', 'common'].map(children)
  mayfly = await startMayfly({ config: { kinds } })
  for (const name of ['one', 'two']) {
    await mayfly.vault.put('default', name, takeOver(Buffer.from(`the value of ${name}`)), Date.now())
  }
})
afterAll(() => mayfly.remove())

/** Every buffer that was lent meanwhile. */
async function lentDuring(run: () => Promise<unknown>): Promise<readonly (Buffer | undefined)[]> {
  const get = vi.spyOn(mayfly.vault, 'get')
  await run()
  const lent = await Promise.all(get.mock.results.map(({ value }) => value as Promise<Buffer | undefined>))
  get.mockRestore()
  return lent
}

describe('what was lent to an attempt is zeros when it has settled', () => {
  const secrets = { a: 'one', b: 'vault:two' }
  const expectZeros = (lent: readonly (Buffer | undefined)[]) => {
    expect(lent).toHaveLength(2)
    for (const value of lent) expect(value?.every((byte) => byte === 0)).toBe(true)
  }

  it.each([
    ['succeed', 'succeeded'],
    ['throw', 'failed'],
    ['exit', 'failed'],
    ['die', 'failed'],
    ['heap', 'failed'],
    ['speak', 'failed'],
  ])('%s', async (kind, state) => {
    const lent = await lentDuring(async () => {
      expect(await mayfly.run({ kind, secrets, limits: { memoryMiB: 64 } })).toMatchObject({ state })
    })
    expectZeros(lent)
  })

  it.each(['wait', 'spin', 'stubborn'])('%s, cancelled', async (kind) => {
    const lent = await lentDuring(async () => {
      const { id } = await mayfly.submit({ kind, secrets })
      await mayfly.untilType(id, 'task.started')
      await mayfly.cancel(id)
      expect(await mayfly.settled(id)).toMatchObject({ state: 'cancelled' })
    })
    expectZeros(lent)
  })

  it('spin, out of time', async () => {
    const lent = await lentDuring(() => mayfly.run({ kind: 'spin', secrets, limits: { runSeconds: 0.5 } }))
    expectZeros(lent)
  })

  it('one that is there, when another is not', async () => {
    const lent = await lentDuring(async () => {
      const task = await mayfly.run({ kind: 'succeed', secrets: { a: 'one', b: 'vault:nobody-stored-it' } })
      expect(task.error?.code).toBe('SECRET_UNAVAILABLE')
    })
    expect(lent[1]).toBeUndefined()
    expect(lent[0]?.every((byte) => byte === 0)).toBe(true)
  })
})
