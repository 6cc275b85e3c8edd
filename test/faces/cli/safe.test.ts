import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { safe, safeLine } from '../../../src/faces/cli/safe.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const harmful = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

const pieces = fc.constantFrom(
  '\u001b',
  '[',
  ']',
  '31',
  'm',
  ';',
  '8',
  '\u0007',
  '\u009b',
  '\u0090',
  '\r',
  '\n',
  '\u202e',
  'a',
  '\\',
)

describe('text made safe', () => {
  it('has no control character but tabs and ends of lines, whatever it was', () => {
    fc.assert(fc.property(fc.string({ unit: fc.oneof(pieces, fc.string()) }), (text) => !harmful.test(safe(text))))
  })

  it('is one line where it must be', () => {
    fc.assert(fc.property(fc.string({ unit: pieces }), (text) => !/[\n\r\t]/.test(safeLine(text))))
  })

  it('is what it was where it was safe', () => {
    const text = 'ünï – 🎉 漢字\n\tfine\n'
    expect(safe(text)).toBe(text)
  })

  it.each([
    { what: 'colours', text: '\u001b[1;31mred\u001b[0m', shown: 'red' },
    { what: 'titles', text: '\u001b]0;title\u0007text', shown: 'text' },
    { what: 'links', text: '\u001b]8;;https://evil.example\u001b\\click\u001b]8;;\u001b\\', shown: 'click' },
    { what: 'returns', text: 'bad\rgood', shown: 'bad␍good' },
    { what: 'ends of lines of Windows', text: 'one\r\ntwo', shown: 'one\ntwo' },
    { what: 'a lone escape', text: 'a\u001b', shown: 'a␛' },
    { what: 'bidirectional marks', text: 'user\u202etxt.exe', shown: 'user<U+202E>txt.exe' },
  ])('shows $what harmlessly', ({ text, shown }) => expect(safe(text)).toBe(shown))
})
