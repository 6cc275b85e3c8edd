import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toLine } from '../../../workers/backup/csv.ts'
import { checkedCsv } from '../../../workers/backup/csv-check.ts'

async function check(parts: readonly string[]): Promise<{ text: string; records: number }> {
  const checked = { records: 0 }
  const source = (async function* () {
    for (const part of parts) yield Buffer.from(part, 'latin1')
  })()
  let text = ''
  for await (const part of checkedCsv(source, checked)) text += Buffer.from(part).toString('latin1')
  return { text, records: checked.records }
}

describe('the check of CSV', () => {
  it('counts records, whatever is in their values and wherever the parts are cut, and changes nothing', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r') })
    const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(table, fc.array(fc.nat(60), { maxLength: 5 }), async (rows, cuts) => {
        const text = rows.map((row) => toLine(row)).join('')
        const ends = [...new Set(cuts)].filter((cut) => cut < text.length).toSorted((one, other) => one - other)
        const parts = [...ends, text.length].map((end, at) => text.slice(ends[at - 1] ?? 0, end))
        expect(await check(parts)).toEqual({ text, records: rows.length - 1 })
      }),
    )
  })

  it('takes a last line without an end, and blank lines for nothing', async () => {
    expect((await check(['a,b\n1,2\n\n3,4'])).records).toBe(2)
    expect((await check([''])).records).toBe(0)
  })

  it('refuses a record of another width and one that never ends', async () => {
    await expect(check(['a,b\n1,2,3\n'])).rejects.toThrow('record 1 has 3 columns, the first has 2')
    await expect(check(['a,b\n1,"2\n'])).rejects.toThrow('record 1 has a quote that never ends')
  })
})
