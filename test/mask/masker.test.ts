import { describe, expect, it } from 'vitest'
import { Masker } from '../../src/mask/masker.ts'
import { needlesOf } from './fixture.ts'

const secret = 'correct-horse'
const b = (text: string) => Buffer.from(text)

describe('the masker', () => {
  it('passes on what needs no look without a copy', () => {
    const chunk = b('nothing to see here')
    expect(new Masker(needlesOf()).push(chunk)).toBe(chunk)
    expect(new Masker(needlesOf(secret)).push(chunk)).toBe(chunk)
  })

  it('leaves the chunk as it was', () => {
    const chunk = b(`say ${secret} corr`)
    new Masker(needlesOf(secret)).push(chunk)
    expect(String(chunk)).toBe(`say ${secret} corr`)
  })

  it('holds back the beginning of a secret, and nothing more', () => {
    const masker = new Masker(needlesOf(secret))
    expect(String(masker.push(b('the corr')))).toBe('the ')
    expect(masker.isHolding).toBe(true)
    expect(String(masker.push(b('idor')))).toBe('corridor')
    expect(masker.isHolding).toBe(false)
  })

  it('masks what overlaps or touches as one', () => {
    const masker = new Masker(needlesOf('abcdefgh', 'fghijklm'))
    expect(String(masker.push(b('<abcdefghijklm><abcdefghfghijklm>')))).toBe('<***><***>')
  })

  it('lets nothing of an unfinished secret out by a flush', () => {
    const masker = new Masker(needlesOf(secret))
    const shown = [...`my ${secret}!`].map((letter) => `${masker.push(b(letter))}${masker.flush()}`)
    expect(shown.join('')).toBe('my ***!')
  })

  it('shows by a flush what has been a secret by itself, and the end of its line', () => {
    const masker = new Masker(needlesOf('first-line\nsecond-line'))
    expect(String(masker.push(b('first-line\n')))).toBe('')
    expect(String(masker.flush())).toBe('***\n')
    expect(String(masker.flush())).toBe('')
    expect(String(masker.push(b('second')))).toBe('')
    expect(String(masker.flush())).toBe('')
    expect(String(masker.push(b('-line, and more')))).toBe('***, and more')
  })

  it('shows at the end what was too little of a secret, and masks what was more', () => {
    const masker = new Masker(needlesOf(secret))
    expect(String(masker.push(b('a corre')))).toBe('a ')
    expect(String(masker.end())).toBe('corre')
    expect(String(masker.push(b('a correct-ho')))).toBe('a ')
    expect(String(masker.end())).toBe('***')
  })

  it('finds a secret that was added while it runs, also in what it holds', () => {
    const needles = needlesOf(secret)
    const masker = new Masker(needles)
    masker.push(b('cor'))
    needles.add(b('coriander'))
    expect(String(masker.push(b('iander, correct-horse')))).toBe('***, ***')
  })

  it('masks a large part of a long secret', () => {
    const long = Buffer.from(Array.from({ length: 300 }, (_, i) => 33 + ((i * i) % 90)))
    const shown = new Masker(needlesOf(long)).push(long.subarray(0, 200))
    expect(String(shown)).toMatch(/^\*\*\*/)
    expect(shown.length).toBeLessThan(70)
  })
})
