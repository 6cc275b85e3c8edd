import { describe, expect, it } from 'vitest'
import { addressOf, complaintOfToken, tokenKeyOf } from '../../../../src/faces/vscode/link/server.ts'

describe('an address', () => {
  it.each([
    ['http://127.0.0.1:7070', 'http://127.0.0.1:7070'],
    ['  https://Mayfly.Example.COM:443/ ', 'https://mayfly.example.com'],
    ['https://ci.example.com/tools/mayfly//', 'https://ci.example.com/tools/mayfly'],
  ])('%s is kept as %s', (written, url) => {
    expect(addressOf(written)).toEqual({ url })
  })

  it.each([
    ['', 'give the address'],
    ['localhost:7070', 'begins with http'],
    ['ftp://example.com', 'begins with http'],
    ['http://', 'not an address'],
    ['http://exa mple.com', 'not an address'],
    ['http://user:word@example.com', 'leave user and password out'],
    ['http://example.com/?tenant=a', 'ends before ?'],
  ])('%j is refused in a sentence', (written, part) => {
    expect(addressOf(written)).toMatchObject({ complaint: expect.stringContaining(part) })
  })
})

describe('a token', () => {
  it('is kept for one address alone', () => {
    expect(tokenKeyOf('http://a')).not.toBe(tokenKeyOf('http://a/b'))
  })

  it.each([
    ['  abc-123  ', undefined],
    ['', 'paste a token'],
    ['two words', 'neither spaces'],
    ['ünder', 'neither spaces'],
  ])('%j is looked at before it is sent', (written, part) => {
    const complaint = complaintOfToken(written)
    if (part === undefined) expect(complaint).toBeUndefined()
    else expect(complaint).toContain(part)
  })
})
