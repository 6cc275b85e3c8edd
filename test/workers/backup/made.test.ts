import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Candidate, matchMade, type Sent } from '../../../workers/backup/made.ts'

const fields = ['Name', 'Amount', 'When']
const sent = (name: string, amount: number | null = null): Sent => ({ Name: name, Amount: amount })
const row = (id: string, name: string, amount: number | null = null): Candidate => ({
  Id: id,
  Name: name,
  Amount: amount,
})

describe('which of the sent rows have arrived', () => {
  it('is told by what is in them, however it is written', () => {
    const values: Sent[] = [{ Name: ' a\r\nb ', Amount: 1.5, When: '2026-01-01T00:00:00.000Z' }]
    const candidates = [{ Id: '1', Name: 'a\nb', Amount: '1.50', When: '2026-01-01T00:00:00.000+0000' }]
    expect(matchMade(values, candidates, fields)).toEqual({ found: new Map([[0, '1']]), unsure: [] })
  })

  it('leaves those to be sent again of which nothing is there', () => {
    expect(matchMade([sent('a'), sent('b')], [row('1', 'b')], fields)).toEqual({
      found: new Map([[1, '1']]),
      unsure: [],
    })
    expect(matchMade([sent('a')], [], fields)).toEqual({ found: new Map(), unsure: [] })
  })

  it('takes rows in their order where the org has changed all of them on their way in', () => {
    const found = matchMade([sent('a'), sent('b')], [row('1', 'A!'), row('2', 'B!')], fields)
    expect(found).toEqual({
      found: new Map([
        [0, '1'],
        [1, '2'],
      ]),
      unsure: [],
    })
  })

  it('is unsure where something is there that may be any of them', () => {
    expect(matchMade([sent('a'), sent('b')], [row('1', 'A!')], fields)).toEqual({ found: new Map(), unsure: [0, 1] })
  })

  it('finds exactly the rows that arrived, also of many alike, and no row twice', () => {
    const name = fc.constantFrom('a', 'b', 'c')
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.boolean()), { maxLength: 30 }), (all) => {
        const arrived = all.filter(([, isThere]) => isThere).map(([one], at) => row(String(at), one))
        const { found, unsure } = matchMade(
          all.map(([one]) => sent(one)),
          arrived,
          fields,
        )
        expect(unsure).toEqual([])
        expect([...found.values()].sort()).toEqual(arrived.map(({ Id }) => Id).sort())
        for (const [at, id] of found) expect(arrived.find(({ Id }) => Id === id)?.Name).toBe(all[at]?.[0])
      }),
    )
  })
})
