import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findingsIn, found, isTruncated } from '../../../../src/faces/vscode/view/findings.ts'

const finding = {
  file: 'src/a.js',
  line: 3,
  column: 5,
  rule: 'no-undef',
  severity: 'error',
  message: 'x is not defined',
}

describe('what a task found', () => {
  it('is told by file', () => {
    const items = [finding, { ...finding, file: './b.js', severity: 'warning' }, { ...finding, line: 9 }]
    const { errors, warnings, byFile } = found(items)
    expect({ errors, warnings }).toEqual({ errors: 2, warnings: 1 })
    expect([...byFile].map(([file, findings]) => [file, findings.length])).toEqual([
      ['src/a.js', 2],
      ['b.js', 1],
    ])
  })

  it.each([['/etc/passwd'], ['../other/a.js'], ['a/../../b.js'], ['C:\\a.js'], ['..\\a.js'], ['']])(
    'leads nobody out of the folder: %j',
    (file) => {
      expect(found([{ ...finding, file }]).byFile.size).toBe(0)
    },
  )

  it('is at the beginning where a server does not say where', () => {
    const [first] = found([{ file: 'a.cls', message: 'no' }]).byFile.get('a.cls') ?? []
    expect(first).toMatchObject({ line: 1, column: 1, rule: '', severity: 'error' })
  })

  it('is nothing but what makes sense, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.jsonValue(), fc.record({ file: fc.string(), message: fc.string(), line: fc.double() }))),
        (items) => {
          for (const findings of found(items).byFile.values()) {
            for (const { line, column } of findings) expect(Math.min(line, column)).toBeGreaterThanOrEqual(1)
          }
        },
      ),
    )
  })

  it('is known by its shape', () => {
    expect(findingsIn({ findings: [finding] })).toEqual([finding])
    expect([findingsIn(null), findingsIn({ exitCode: 0 }), findingsIn({ findings: 3 })]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect([isTruncated({ truncated: true }), isTruncated({}), isTruncated(null)]).toEqual([true, false, false])
  })
})
