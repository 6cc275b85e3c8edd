import { describe, expect, it } from 'vitest'
import { holdsSecret, maskJson } from '../../src/mask/json.ts'
import { needlesOf } from './fixture.ts'

const needles = needlesOf('hunter22', '31415926')

describe('a JSON value', () => {
  it('without a secret is passed on as it is', () => {
    const value = { a: [1, 'two', null, true], b: { c: 'hunter' } }
    expect(maskJson(value, needles)).toBe(value)
    expect(holdsSecret(value, needles)).toBe(false)
  })

  it('is masked in its texts, names and numbers, however deep', () => {
    const value = { a: ['x hunter22 y', { 'the hunter22': 31415926 }], b: '__proto__' }
    expect(maskJson(value, needles)).toEqual({ a: ['x *** y', { 'the ***': '***' }], b: '__proto__' })
    expect(holdsSecret(value, needles)).toBe(true)
  })

  it('keeps what stood under names that are alike once masked', () => {
    const masked = maskJson({ hunter22: 1, aHUNTER22: 2, '***': 3, '68756e7465723232': 4 }, needles)
    expect(Object.values(masked as object).sort()).toEqual([1, 2, 3, 4])
  })

  it('keeps a name like __proto__ a name', () => {
    const masked = maskJson(JSON.parse('{"__proto__":{"x":"hunter22"}}'), needles)
    expect(JSON.stringify(masked)).toBe('{"__proto__":{"x":"***"}}')
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })

  it('is masked beside characters that are not ASCII', () => {
    expect(maskJson('🦋hunter22é', needles)).toBe('🦋***é')
  })
})
