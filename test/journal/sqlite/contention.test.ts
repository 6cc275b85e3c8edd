import { describe, expect, test } from 'vitest'
import { Contention } from '../../../src/journal/sqlite/contention.ts'
import { systemLogger } from '../../../src/system/logger.ts'
import { bell } from './fixture.ts'

describe('contention', () => {
  const { clock, ring } = bell()
  const make = () => new Contention(clock, systemLogger('silent'))

  test('rests before the next try, however many there were', async () => {
    const contention = make()
    for (let tries = 0; tries < 50; tries++) {
      let isRested = false
      const rest = contention.met().then((isWorthIt) => {
        isRested = true
        return isWorthIt
      })
      await new Promise(setImmediate)
      expect(isRested).toBe(false)
      ring()
      expect(await rest).toBe(true)
    }
  })

  test('wakes who rests when it is told to stop, and then allows few tries more', async () => {
    const contention = make()
    const resting = contention.met()
    contention.stop()
    expect(await resting).toBe(true)
    let tries = 0
    while (await contention.met()) tries++
    expect(tries).toBeGreaterThan(2)
    expect(tries).toBeLessThan(10)
  })
})
