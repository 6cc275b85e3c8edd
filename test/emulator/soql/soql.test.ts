import { beforeAll, describe, expect, it } from 'vitest'
import { EmulatedOrg } from '../org.ts'
import type { Row } from '../rows/store.ts'
import { planOf } from './plan.ts'

const now = Date.parse('2026-05-20T12:00:00Z')
const org = new EmulatedOrg({ name: 'soql', now: () => now }, 1)

beforeAll(() => {
  org.rows.define('Thing__c', {
    Number__c: 'int',
    Text__c: 'string',
    Day__c: 'date',
    Time__c: 'datetime',
    Parent__c: { type: 'reference', referenceTo: ['Thing__c'] },
  })
  const parent = add({ Name: 'a', Number__c: 1, Text__c: 'Über 100%', Day__c: '2026-05-20' })
  add({ Name: 'b', Number__c: 2, Text__c: "it's", Day__c: '2026-05-19', Parent__c: parent })
  add({ Name: 'c', Number__c: 3, Day__c: '2026-04-01', Time__c: '2026-05-20T11:59:59.000+0000', Parent__c: parent })
  add({ Name: 'd', Time__c: '2026-05-20T12:00:00.000+0000' })
  org.rows.remove('Thing__c', add({ Name: 'deleted', Number__c: 9 }))
})

describe('a condition', () => {
  it.each([
    ['Number__c = 2', 'b'],
    ['Number__c != 2', 'acd'],
    ['Number__c > 1 AND Number__c <= 3', 'bc'],
    ['Number__c = null', 'd'],
    ['Number__c < 100', 'abc'],
    ["Text__c = 'ÜBER 100%'", 'a'],
    ["Text__c LIKE 'über%'", 'a'],
    ["Text__c LIKE '_t''%'".replace("''", "\\'"), 'b'],
    ["Text__c = 'it\\'s'", 'b'],
    ["Name IN ('a', 'd')", 'ad'],
    ["Name NOT IN ('a', 'd')", 'bc'],
    ["NOT Name = 'a'", 'bcd'],
    ["(Name = 'a' OR Name = 'b') AND Number__c > 1", 'b'],
    ["NOT (Name = 'a' OR Name = 'b')", 'cd'],
    ['Day__c = TODAY', 'a'],
    ['Day__c = YESTERDAY', 'b'],
    ['Day__c = LAST_N_DAYS:1', 'ab'],
    ['Day__c < LAST_N_DAYS:30', 'c'],
    ['Day__c >= 2026-05-19', 'ab'],
    ['Day__c = LAST_MONTH', 'c'],
    ['Time__c >= 2026-05-20T12:00:00Z', 'd'],
    ['Time__c < 2026-05-20T14:00:00+02:00', 'c'],
    ["Parent__r.Name = 'a'", 'bc'],
    ['Id IN (SELECT Parent__c FROM Thing__c)', 'a'],
    ['IsDeleted = false', 'abcd'],
  ])('%s', (condition, names) => {
    expect(namesOf(`SELECT Name FROM Thing__c WHERE ${condition}`)).toBe(names)
  })
})

describe('a query', () => {
  it('orders, limits and skips', () => {
    expect(namesOf('SELECT Name FROM Thing__c ORDER BY Number__c')).toBe('dabc')
    expect(namesOf('SELECT Name FROM Thing__c ORDER BY Number__c DESC NULLS LAST')).toBe('cbad')
    expect(namesOf('SELECT Name FROM Thing__c ORDER BY Parent__c, Name DESC LIMIT 2 OFFSET 1')).toBe('ac')
  })

  it('counts, sums and groups', () => {
    expect(planOf(org, 'select count() from thing__c', 'data').run(false)).toHaveLength(4)
    expect(rowsOf('SELECT COUNT(Number__c) n, MAX(Number__c), AVG(Number__c) mean FROM Thing__c')).toMatchObject([
      { n: 3, expr0: 3, mean: 2 },
    ])
    expect(rowsOf('SELECT Parent__r.Name, COUNT(Id) n FROM Thing__c GROUP BY Parent__r.Name')).toMatchObject([
      { Name: null, n: 2 },
      { Name: 'a', n: 2 },
    ])
  })

  it('sees the recycle bin only when it asks for all', () => {
    expect(planOf(org, "SELECT Id FROM Thing__c WHERE Name = 'deleted'", 'data').run(true)).toHaveLength(1)
    expect(namesOf("SELECT Name FROM Thing__c WHERE Name = 'deleted'")).toBe('')
  })

  it('selects all fields at once', () => {
    const { columns } = planOf(org, 'SELECT FIELDS(CUSTOM) FROM Thing__c LIMIT 200', 'data')
    expect(columns.map(({ name }) => name)).toEqual(['Number__c', 'Text__c', 'Day__c', 'Time__c', 'Parent__c'])
  })

  it.each([
    ['SELECT Name FROM Thing__c WHERE Name = ', 'MALFORMED_QUERY', "unexpected token: '<EOF>'"],
    ["SELECT Name FROM Thing__c WHERE Name = 'a' OR Name = 'b' AND Name = 'c'", 'MALFORMED_QUERY', "'AND'"],
    ['SELECT Name Thing__c', 'MALFORMED_QUERY', 'unexpected token'],
    ['SELECT Nothing__c FROM Thing__c', 'INVALID_FIELD', "No such column 'Nothing__c' on entity 'Thing__c'"],
    ['SELECT Nothing__r.Name FROM Thing__c', 'INVALID_FIELD', "Didn't understand relationship 'Nothing__r'"],
    ['SELECT Name FROM Nothing__c', 'INVALID_TYPE', "sObject type 'Nothing__c' is not supported"],
    ["SELECT Name FROM Thing__c WHERE Day__c = 'x'", 'INVALID_FIELD', 'Day__c'],
  ])('is refused: %s', (soql, code, message) => {
    expect(() => planOf(org, soql, 'data')).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })
})

function add(values: Parameters<EmulatedOrg['rows']['insert']>[1]): string {
  return org.rows.insert('Thing__c', values)
}

function rowsOf(soql: string): Row[] {
  const rows = planOf(org, soql, 'data').run(false)
  return Array.from({ length: rows.length }, (_, index) => rows.at(index))
}

function namesOf(soql: string): string {
  return rowsOf(soql)
    .map(({ Name }) => Name)
    .join('')
}
