import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findingsIn, isTruncated, readFindings } from '../../src/client/findings.ts'

const finding = { file: 'src/a.js', line: 3, column: 5, rule: 'no-undef', severity: 'error', message: 'x is not there' }

describe('what a task found', () => {
  it('is read as it is, but for ./ before a file', () => {
    expect(readFindings([finding, { ...finding, file: './b.js', severity: 'warning' }])).toEqual([
      finding,
      { ...finding, file: 'b.js', severity: 'warning' },
    ])
  })

  it.each([['/etc/passwd'], ['../other/a.js'], ['a/../../b.js'], ['C:\\a.js'], ['..\\a.js'], ['']])(
    'leads nobody out of the directory: %j',
    (file) => expect(readFindings([{ ...finding, file }])).toEqual([]),
  )

  it('is at the beginning where a server does not say where', () => {
    expect(readFindings([{ file: 'a.cls', message: 'no' }])).toEqual([
      { file: 'a.cls', line: 1, column: 1, rule: '', severity: 'error', message: 'no' },
    ])
  })

  it('is nothing but what makes sense, whatever comes', () => {
    const any = fc.oneof(fc.jsonValue(), fc.record({ file: fc.string(), message: fc.string(), line: fc.double() }))
    fc.assert(
      fc.property(fc.array(any), (items) => {
        for (const { line, column } of readFindings(items)) expect(Math.min(line, column)).toBeGreaterThanOrEqual(1)
      }),
    )
  })

  it('is known by its shape', () => {
    expect(findingsIn({ findings: [finding] })).toEqual([finding])
    for (const other of [null, { exitCode: 0 }, { findings: 3 }]) expect(findingsIn(other)).toBeUndefined()
    expect([{ truncated: true }, {}, null].map(isTruncated)).toEqual([true, false, false])
  })
})
