import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Masker } from '../../src/mask/masker.ts'
import { buffersMadeBy, isWiped } from '../fixtures/buffers.ts'
import { masked, needlesOf, tellings } from './fixture.ts'

describe('the needles of an attempt', () => {
  it('refuse what a task wants masked when it is too short, too long or one too many', () => {
    const needles = needlesOf('a-first-secret')
    expect(needles.refusalOf(Buffer.from('a-second-one'))).toBeUndefined()
    expect(needles.refusalOf(Buffer.from('short'))).toContain('at least 6 bytes')
    expect(needles.refusalOf(Buffer.alloc(16 * 1024 + 1, 'abc'))).toContain('at most 16384 bytes')
    for (let i = 1; i < 100; i++) needles.add(Buffer.from(`secret-${i}`))
    expect(needles.refusalOf(Buffer.from('one-more'))).toContain('at most 100 values')
  })

  it('refuse what a task wants masked when it is too much together, whatever the secrets have that it was lent', () => {
    const needles = needlesOf(Buffer.alloc(64 * 1024, 'a large secret'))
    for (let i = 0; i < 2; i++) {
      const value = Buffer.alloc(16 * 1024, `value ${i}`)
      expect(needles.refusalOf(value)).toBeUndefined()
      needles.learn(value)
    }
    expect(needles.refusalOf(Buffer.from('one-more'))).toContain('at most 32768 bytes masked besides its secrets')
  })

  it('know what they have', () => {
    const needles = needlesOf('a-first-secret')
    expect(needles.has(Buffer.from('a-first-secret'))).toBe(true)
    expect(needles.has(Buffer.from('another-secret'))).toBe(false)
  })

  it('let nothing through any more once they are wiped, because it might have been one of them', () => {
    const needles = needlesOf('a-first-secret')
    const masker = new Masker(needles)
    expect(String(masker.push(Buffer.from('all a-first')))).toBe('all ')
    needles.wipe()
    expect(String(masker.push(Buffer.from('-secret')))).toBe('')
    expect(String(masker.end())).toBe('')
  })

  it.each(['push', 'flush', 'end'] as const)('leave nothing of a secret where it was held back (%s)', async (how) => {
    const made = await buffersMadeBy(() => {
      const needles = needlesOf('a-first-secret')
      const masker = new Masker(needles)
      masker.push(Buffer.from('all a-first'))
      expect(masker.isHolding).toBe(true)
      needles.wipe()
      masker[how](Buffer.from('-secret'))
      expect(masker.isHolding).toBe(false)
    })
    expect(made.filter(({ length }) => length > 0).length).toBeGreaterThan(2)
    expect(made.map(String).filter((text) => text.includes('a-first'))).toEqual([])
  })

  it('leave nothing behind of what they made to find them, once they are wiped', async () => {
    const made = await buffersMadeBy(() => {
      const needles = needlesOf('a-first-secret', 'a-second-secret')
      expect(needles.index.longestAt(Buffer.from('a-second-secret'), 0)).toBe(15)
      needles.wipe()
    })
    expect(made.length).toBeGreaterThanOrEqual(2)
    expect(made.every(isWiped)).toBe(true)
  })

  it('are ready for large secrets after many short stretches of work, and find the same', async () => {
    const large = Array.from({ length: 3 }, () => randomBytes(8 * 1024))
    const prepared = needlesOf(...large)
    let rests = 0
    await prepared.prepare({ isDue: () => true, rest: async () => void rests++ })
    expect(rests).toBeGreaterThan(50)
    for (const telling of Object.values(tellings)) {
      const told = Buffer.from(telling(large[1] as Buffer))
      expect(masked(prepared, [told])).toBe(masked(needlesOf(...large), [told]))
    }
  })

  it.each([1, 20, 60, 90])('leave nothing behind when they are wiped while they are prepared (rest %i)', async (at) => {
    const secret = randomBytes(8 * 1024)
    const made = await buffersMadeBy(async () => {
      const needles = needlesOf(secret)
      let rests = 0
      const rest = async () => void (++rests === at && needles.wipe())
      await needles.prepare({ isDue: () => true, rest })
      expect(rests).toBe(at)
    })
    const others = made.filter((one) => !one.equals(secret))
    expect(others.length).toBeGreaterThan(0)
    expect(others.every(isWiped)).toBe(true)
  })

  it('find what was lent and what came later as one', () => {
    const needles = needlesOf('a-first-secret', 'abcabd')
    needles.learn(Buffer.from('secret-and-more'))
    needles.learn(Buffer.from('xabcab'))
    const text = 'one a-first-secret two secret-and-more three a-first-secret-and-more four xabcabd five'
    expect(masked(needles, [Buffer.from(text)])).toBe('one *** two *** three *** four *** five')
    for (let at = 1; at < text.length; at++) {
      const halves = [Buffer.from(text.slice(0, at)), Buffer.from(text.slice(at))]
      expect(masked(needles, halves)).toBe('one *** two *** three *** four *** five')
    }
  })
})
