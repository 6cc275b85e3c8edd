import { describe, expect, it } from 'vitest'
import { openLibc } from '../../src/process/libc.ts'

const libc = openLibc()

describe.runIf(libc)('the C library', () => {
  const call = libc as NonNullable<typeof libc>

  it('does not know how one has ended that is nobody of ours, and does not wait for it', () => {
    expect(call.ended(1)).toEqual({ code: null, signal: null })
  })

  it('is not asked to overwrite a descriptor that is still to be given', () => {
    const what = { path: '/bin/true', argv: ['true'], env: [], cwd: '/' }
    expect(() => call.spawn({ ...what, given: [null, 2, 1] })).toThrow('would be overwritten')
  })
})
