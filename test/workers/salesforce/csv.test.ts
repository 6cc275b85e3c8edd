import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { isLocked, sortFailed } from '../../../workers/salesforce/bulk/failed-rows.ts'
import { withoutHeader } from '../../../workers/salesforce/bulk/header.ts'
import { countRecords, PageRows } from '../../../workers/salesforce/bulk/page-rows.ts'
import { needsRest } from '../../../workers/salesforce/bulk/rest-query.ts'
import { columnsOf, valueAt } from '../../../workers/salesforce/bulk/select-list.ts'
import { Splitter } from '../../../workers/salesforce/bulk/split.ts'
import { writeInto } from '../../../workers/salesforce/into-file.ts'

const directory = mkdtempSync(join(tmpdir(), 'mayfly-csv-'))
afterAll(() => rmSync(directory, { recursive: true }))

function split(csv: string, chunkBytes: number, partBytes = 7) {
  const bytes = Buffer.from(csv)
  const splitter = new Splitter(chunkBytes)
  for (let at = 0; at < bytes.length; at += partBytes) splitter.add(bytes.subarray(at, at + partBytes))
  const { header, chunks, ...rest } = splitter.end()
  const text = ({ start, end }: { start: number; end: number }) => bytes.subarray(start, end).toString()
  return { ...rest, header: text(header), chunks: chunks.map(text) }
}

describe('a CSV is cut', () => {
  it('between records, also where records have line ends in quotes', () => {
    const csv = 'Name,Text\na,"one\ntwo"\nb,"say ""\n"""\nc,\n'
    expect(split(csv, 26)).toEqual({
      header: 'Name,Text\n',
      lineEnding: 'LF',
      chunks: ['a,"one\ntwo"\n', 'b,"say ""\n"""\n', 'c,\n'],
      records: 3,
    })
  })

  it('without its byte order mark, with the line ends it has, and with a last line that has none', () => {
    expect(split('\ufeffName\r\na\r\nb', 1_000, 1_000)).toEqual({
      header: 'Name\r\n',
      lineEnding: 'CRLF',
      chunks: ['a\r\nb'],
      records: 2,
    })
  })

  it('so that its pieces are the whole, and none larger than allowed, whatever it holds', () => {
    const cell = fc.string({ maxLength: 12, unit: fc.constantFrom('a', 'ü', '"', '\n', ',') })
    const rows = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 30 })
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 40 }), (all, partBytes) => {
        const lines = all.map((row) => `${row.map(quoted).join(',')}\n`)
        const { header, chunks, records } = split(`A,B\n${lines.join('')}`, 120, partBytes)
        expect(header + chunks.join('')).toBe(`A,B\n${lines.join('')}`)
        expect(records).toBe(all.length)
        expect(chunks.every((chunk) => Buffer.byteLength(chunk) + 4 <= 120)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('unless it has no records, a quote that stays open, or a record that is too large', () => {
    expect(() => split('Name\n', 100)).toThrow('no records')
    expect(() => split('', 100)).toThrow('no records')
    expect(() => split('Name\n"a\n', 100)).toThrow('a quote that does not close')
    expect(() => split(`Name\n${'a'.repeat(200)}\n`, 100)).toThrow(
      'a record of the CSV, at byte 5, is larger than chunkBytes',
    )
  })
})

it('pages after the first are joined without their header, wherever they are cut', async () => {
  const pages = ['"Id"\n"1"\n"2"\n', '"Id"\n', '"Id"\n"3"']
  for (const size of [1, 3, 100]) {
    let text = ''
    for (const page of pages) {
      const parts = Buffer.from(page)
        .toString('latin1')
        .match(new RegExp(`[\\s\\S]{1,${size}}`, 'g'))
      const source = async function* () {
        for (const part of parts ?? []) yield Buffer.from(part)
      }
      for await (const part of withoutHeader(source())) text += Buffer.from(part).toString()
    }
    expect(text).toBe('"1"\n"2"\n"3"')
  }
})

describe('rows that an org refused', () => {
  const header = '"sf__Id","sf__Error","Name","Note"\n'
  const row = (error: string, name: string) => `"","${error}","${name}","a ""b""\nc"\n`
  const locked = (parent: string) =>
    `UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 1 records: ${parent}:--`

  it('are put in once more when they were locked out, those of one parent together, and told when not', async () => {
    const [from, failed, again] = ['from.csv', 'failed.csv', 'again.csv'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(failed, 'kept\nlost')
    const [first, second] = ['001000000000001AAA', '001000000000002AAA']
    writeFileSync(
      from,
      header +
        [
          row(locked(second), 'a'),
          row('REQUIRED_FIELD_MISSING:Name:Name --', 'b'),
          row(locked(first), 'c'),
          row(locked(second), 'd'),
        ].join(''),
    )
    const sorted = await sortFailed({
      from,
      delimiter: ',',
      isWorthIt: isLocked,
      failed: { file: failed, bytes: 5 },
      again: { file: again, bytes: 0 },
    })
    expect(sorted).toMatchObject({ failed: { records: 1 }, again: { records: 3 } })
    expect(readFileSync(failed, 'utf8')).toBe(`kept\n${row('REQUIRED_FIELD_MISSING:Name:Name --', 'b')}`)
    const rows = ['c', 'a', 'd'].map((name) => `"${name}","a ""b""\nc"\n`)
    expect(readFileSync(again, 'utf8')).toBe(`"Name","Note"\n${rows.join('')}`)
    expect(sorted.again.bytes).toBe(readFileSync(again).length)
  })
})

describe('a query', () => {
  it('goes by REST where the Bulk API does not do it', () => {
    for (const soql of [
      'SELECT COUNT(Id) FROM Account',
      'SELECT Name FROM Account GROUP BY Name',
      'SELECT Id, (SELECT Id FROM Contacts) FROM Account',
      'SELECT Id FROM Account LIMIT 1 OFFSET 5',
      'SELECT TYPEOF Owner WHEN User THEN Id END FROM Event',
    ])
      expect([soql, needsRest(soql)]).toEqual([soql, true])
    for (const soql of [
      'SELECT Id FROM Account',
      "SELECT Id FROM Account WHERE Name = 'OFFSET GROUP BY \\' (SELECT'",
      'SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact)',
    ])
      expect([soql, needsRest(soql)]).toEqual([soql, false])
  })

  it('has the columns that it selects', () => {
    const names = (soql: string) => columnsOf(soql).map(({ name }) => name)
    expect(names('SELECT Id, Account.Name ,Owner.Profile.Name FROM Contact WHERE x IN (1, 2)')).toEqual([
      'Id',
      'Account.Name',
      'Owner.Profile.Name',
    ])
    expect(names('select count(Id), Name n, MAX(CreatedDate) newest, SUM(Amount) from Account group by Name')).toEqual([
      'expr0',
      'n',
      'newest',
      'expr1',
    ])
    expect(names('SELECT Id, (SELECT Id, Name FROM Contacts WHERE a = 1) FROM Account')).toEqual(['Id', 'Contacts'])
  })

  it('finds them in rows, also of parents that are not there', () => {
    const row = { Id: '1', Account: null, Owner: { name: 'N' } }
    expect([['Id'], ['Account', 'Name'], ['Owner', 'Name'], ['None']].map((path) => valueAt(row, path))).toEqual([
      '1',
      null,
      'N',
      undefined,
    ])
  })
})

describe('a page of results', () => {
  const file = join(directory, 'page.csv')
  const read = async (csv: string, keepsHeader: boolean, partBytes: number) => {
    const bytes = Buffer.from(csv)
    async function* parts() {
      for (let at = 0; at < bytes.length; at += partBytes) yield bytes.subarray(at, at + partBytes)
    }
    const rows = new PageRows({ keepsHeader })
    const bytesOf = await writeInto(file, 0, rows.of(parts()))
    const kept = readFileSync(file, 'utf8')
    expect(bytesOf).toBe(Buffer.byteLength(kept))
    return [kept, rows.lines, await countRecords(file, 0)]
  }

  it('is counted as it comes, with its header or without, however it is cut into parts', async () => {
    const page = '"Name","Text"\n"a","one\ntwo ""three""\n"\n"b",""\n'
    for (const partBytes of [1, 2, 5, 13, 14, 15, page.length]) {
      expect(await read(page, true, partBytes)).toEqual([page, 4, 3])
      expect(await read(page, false, partBytes)).toEqual([page.slice(page.indexOf('\n') + 1), 4, 2])
    }
  })

  it('may have no rows, or a last one without an end; a quote that stays open is told', async () => {
    expect(await read('"Name"\n', false, 3)).toEqual(['', 0, 0])
    expect(await read('', true, 3)).toEqual(['', 0, 0])
    expect(await read('"Name"\n"a"\n"b"', false, 3)).toEqual(['"a"\n"b"', 2, 2])
    expect(await read('"Name"\n"a\n', false, 3)).toEqual(['"a\n', 1, null])
  })

  it('is written behind what counts of its file, whose rest goes', async () => {
    async function* large() {
      for (let part = 0; part < 40; part++) yield Buffer.alloc(100_000, part)
    }
    expect(await writeInto(file, 0, large())).toBe(4_000_000)
    async function* small() {
      yield Buffer.from('end')
    }
    expect(await writeInto(file, 3_999_999, small())).toBe(4_000_002)
    expect(readFileSync(file).subarray(-4).toString('latin1')).toBe('\u0027end')
    async function* broken() {
      yield Buffer.from('x')
      throw new Error('cut short')
    }
    await expect(writeInto(file, 2, broken())).rejects.toThrow('cut short')
  })
})
