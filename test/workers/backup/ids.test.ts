import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { IdLog } from '../../../workers/backup/id-log.ts'
import { IdMap, IdSet } from '../../../workers/backup/id-table.ts'
import { longId, packId, unpackId } from '../../../workers/backup/ids.ts'

const digit = fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')
const shortIds = fc.string({ unit: digit, minLength: 14, maxLength: 14 }).map((rest) => `a${rest}`)
const numbered = (prefix: string, number: number) => longId(`${prefix}${number.toString(36).padStart(12, '0')}`)

describe('ids', () => {
  it('come back from their packed form with the suffix that Salesforce gives them', () => {
    // Two ids that Salesforce documents.
    for (const id of ['001D000000IqhSLIAZ', '00D30000000000cEAA']) {
      const packed = packId(id.slice(0, 15))
      expect(packed && unpackId(packed)).toBe(id)
    }
  })

  it('are the same with 15 characters and with 18', () => {
    fc.assert(
      fc.property(shortIds, (id) => {
        expect(packId(longId(id))).toEqual(packId(id))
      }),
    )
  })

  it('are nothing else than letters and digits', () => {
    for (const text of ['', '001', '001D000000IqhS-', '001D000000IqhSLéé', 'x'.repeat(19)])
      expect(packId(text)).toBeUndefined()
  })
})

describe('a table of ids', () => {
  it('holds what a map would', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(shortIds, shortIds), { maxLength: 300 }), (pairs) => {
        const [table, set, model] = [new IdMap(), new IdSet(), new Map<string, string>()]
        for (const [from, to] of pairs) {
          expect(set.add(from)).toBe(!model.has(longId(from)))
          table.set(from, to)
          model.set(longId(from), longId(to))
        }
        for (const [from, to] of model) expect(table.get(from)).toBe(to)
        expect([table.size, set.size]).toEqual([model.size, model.size])
        expect([table.get('b00000000000000'), set.has('b00000000000000')]).toEqual([undefined, false])
      }),
    )
  })

  it('grows to 200,000, which follow on each other as those of an org do', () => {
    const table = new IdMap()
    for (let number = 0; number < 200_000; number++) table.set(numbered('001', number), numbered('003', number))
    expect(table.size).toBe(200_000)
    expect(table.get(numbered('001', 199_999))).toBe(numbered('003', 199_999))
  })

  it('refuses what is no id', () => {
    expect(() => new IdSet().add('nonsense')).toThrow('no id of Salesforce: "nonsense"')
  })
})

describe('the log of ids', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mayfly-ids-'))
  afterAll(() => rmSync(directory, { recursive: true }))

  it('goes on where a checkpoint left it, without what came after', async () => {
    const path = join(directory, 'map.csv')
    const first = await IdLog.open(path, 0)
    first.add([[numbered('001', 1), numbered('002', 1).slice(0, 15)]])
    const checkpoint = first.bytes
    first.add([[numbered('001', 2), numbered('002', 2)]])
    first.close()
    const second = await IdLog.open(path, checkpoint)
    expect(second.map.get(numbered('001', 1))).toBe(numbered('002', 1))
    expect(second.map.get(numbered('001', 2))).toBeUndefined()
    second.add([[numbered('001', 3), numbered('002', 3)]])
    second.close()
    expect(readFileSync(path, 'utf8')).toBe(
      `${numbered('001', 1)},${numbered('002', 1)}\n${numbered('001', 3)},${numbered('002', 3)}\n`,
    )
  })
})
