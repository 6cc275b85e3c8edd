import { describe, expect, it } from 'vitest'
import { refusalOfSecret } from '../../src/mask/refusal.ts'

const refusal = (value: string | Uint8Array) => refusalOfSecret(Buffer.from(value))

describe('a secret', () => {
  it.each([
    ['a password', 'hunter2'],
    ['of the least length', 'a1b2c3'],
    ['with an end of line', 'hunter2\n'],
    ['of several lines', '-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n'],
    ['in JSON', '{"user":"me","password":"hunter2"}'],
    ['in JSON that is a number', '{"pin": 12345678}'],
    ['that only begins like JSON', '{hunter2'],
    ['in brackets', '[#x9!kq]'],
    ['of text that is not ASCII', 'пароль'],
    ['of bytes', Uint8Array.of(0, 255, 1, 254, 2, 253)],
    ['of 64 KiB', Buffer.alloc(64 * 1024, 'hunter2')],
  ])('may be one %s', (_, value) => {
    expect(refusal(value)).toBeUndefined()
  })

  it.each([
    ['nothing', '', 'at least 6 bytes'],
    ['one byte', 'x', 'at least 6 bytes'],
    ['five bytes', 'a1b2c', 'at least 6 bytes'],
    ['mostly white space', '\t a1b2c \r\n\n', 'at least 6 bytes'],
    ['white space alone', ' '.repeat(100), 'at least 6 bytes'],
    ['one character again and again', '-'.repeat(40), 'three different characters'],
    ['two characters in turns', 'ababababab', 'three different characters'],
    ['short lines', 'ab\ncd\nef\ngh', 'several lines'],
    ['lines around nothing', '-----BEGIN KEY-----\n-----END KEY-----', 'several lines'],
    ['short values in JSON', '{"password":"1234","aLongNameOfAnother":"5"}', 'in JSON'],
  ])('is refused when it is %s', (_, value, why) => {
    expect(refusal(value)).toContain(why)
  })

  it('is not named in its refusal', () => {
    expect(refusal('qxz')).not.toContain('qxz')
  })
})
