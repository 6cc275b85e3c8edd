import { describe, expect, it } from 'vitest'
import { Masker } from '../../src/mask/masker.ts'
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
})
