import { describe, expect, it } from 'vitest'
import { Masker } from '../../src/mask/masker.ts'
import { buffersMadeBy, isWiped } from '../fixtures/buffers.ts'
import { needlesOf } from './fixture.ts'

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
    for (let i = 0; i < 4; i++) {
      const value = Buffer.alloc(16 * 1024, `value ${i}`)
      expect(needles.refusalOf(value)).toBeUndefined()
      needles.learn(value)
    }
    expect(needles.refusalOf(Buffer.from('one-more'))).toContain('at most 65536 bytes masked besides its secrets')
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
      expect(needles.index.size).toBeGreaterThan(2)
      needles.wipe()
    })
    expect(made.length).toBeGreaterThanOrEqual(3)
    expect(made.every(isWiped)).toBe(true)
  })
})
