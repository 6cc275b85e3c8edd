import { describe, expect, it } from 'vitest'
import type { Field } from '../../../workers/backup/fields.ts'
import { isRequired, mapColumns } from '../../../workers/backup/mapping.ts'
import { matchOwners, matchRecordTypes, type Targets, valuesOf } from '../../../workers/backup/values.ts'

const field = (name: string, more: Partial<Field> = {}): Field => ({
  name,
  type: 'string',
  createable: true,
  updateable: true,
  nillable: true,
  ...more,
})
const lookup = (name: string, to: string, more: Partial<Field> = {}) =>
  field(name, { type: 'reference', referenceTo: [to], ...more })
const target = {
  name: 'Contact',
  fields: [
    field('Id', { createable: false }),
    field('Name'),
    field('Number', { createable: false, updateable: false, autoNumber: true }),
    field('Sum', { createable: false, calculated: true }),
    field('Once', { updateable: false }),
    lookup('AccountId', 'Account', { nillable: false }),
    lookup('ReportsToId', 'Contact'),
    lookup('SiteId', 'Site'),
    lookup('OwnerId', 'User'),
    lookup('RecordTypeId', 'RecordType'),
  ],
}
const source = [
  'Id',
  'Name',
  'Number',
  'Sum',
  'Once',
  'AccountId',
  'ReportsToId',
  'SiteId',
  'OwnerId',
  'RecordTypeId',
  'Gone__c',
  'IsDeleted',
]
const rules = { creates: true, known: new Set(['Account', 'Contact']), isSameOrg: false }

describe('the columns of a restore', () => {
  it('are those that the target takes; of the others it says why not', () => {
    const { columns, dropped } = mapColumns(source, target, rules)
    expect(columns.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'Name value',
      'Once value',
      'AccountId lookup',
      'ReportsToId lookup',
      'OwnerId user',
      'RecordTypeId recordType',
    ])
    expect(dropped).toEqual([
      { field: 'Number', why: 'the org numbers it' },
      { field: 'Sum', why: 'the org computes it' },
      { field: 'SiteId', why: 'it refers to Site, which is not restored' },
      { field: 'Gone__c', why: 'the target has no such field, or its user must not see it' },
    ])
  })

  it('keep lookups to whatever is there in the same org, and what can be changed of rows that are', () => {
    const { columns } = mapColumns(source, target, { ...rules, creates: false, isSameOrg: true })
    expect(columns.map(({ name }) => name)).toEqual([
      'Name',
      'AccountId',
      'ReportsToId',
      'SiteId',
      'OwnerId',
      'RecordTypeId',
    ])
  })

  it('know what a row cannot be without', () => {
    expect(isRequired(lookup('A', 'B', { relationshipOrder: 0 }))).toBe(true)
    expect(isRequired(lookup('A', 'B', { nillable: false }))).toBe(true)
    expect(isRequired(lookup('A', 'B', { nillable: false, defaultedOnCreate: true }))).toBe(false)
    expect(isRequired(lookup('A', 'B'))).toBe(false)
  })
})

describe('the values of a row', () => {
  const { columns } = mapColumns(source, target, rules)
  const known = new Map([
    ['old account', 'new account'],
    ['old boss', 'new boss'],
  ])
  const targets: Targets = {
    record: (id) => known.get(id),
    user: (id) => (id === 'old user' ? 'new user' : undefined),
    recordType: (id) => (id === 'old type' ? 'new type' : undefined),
  }
  const row = {
    Id: 'x',
    Name: 'Ann',
    AccountId: 'old account',
    ReportsToId: 'old boss',
    OwnerId: 'old user',
    RecordTypeId: 'old type',
    Once: '',
  }

  it('have the ids of the target, and nothing for the second pass', () => {
    expect(valuesOf(row, columns, targets, { later: new Set(['ReportsToId']) })).toEqual({
      values: { Name: 'Ann', AccountId: 'new account', OwnerId: 'new user', RecordTypeId: 'new type' },
      lost: [],
      missing: [],
    })
    const lookups = columns.filter(({ name }) => name === 'ReportsToId')
    expect(valuesOf(row, lookups, targets).values).toEqual({ ReportsToId: 'new boss' })
  })

  it('are what JSON knows of them, and null where a row that is there is set to nothing', () => {
    const typed = (name: string, type: string) => ({ name, kind: 'value' as const, type })
    const columns = [typed('a', 'boolean'), typed('b', 'double'), typed('c', 'currency'), typed('d', 'string')]
    const row = { a: 'false', b: '-1.50', c: '12345678901234567.89', d: '' }
    const values = { a: false, b: -1.5, c: '12345678901234567.89' }
    expect(valuesOf(row, columns, targets).values).toEqual(values)
    expect(valuesOf(row, columns, targets, { withEmpty: true }).values).toEqual({ ...values, d: null })
  })

  it('lack lookups without a target; where one is required the row cannot be made', () => {
    const lost = valuesOf({ ...row, OwnerId: 'unknown', AccountId: 'unknown' }, columns, targets)
    expect([lost.lost, lost.missing]).toEqual([['OwnerId'], ['AccountId']])
  })
})

describe('owners and record types', () => {
  it('are found by their names, also with the suffix of a sandbox, or as they are asked for', () => {
    const source = new Map([
      ['1', 'ann@x.com'],
      ['2', 'bob@x.com'],
      ['3', 'cid@x.com'],
      ['4', 'dan@x.com'],
      ['5', 'Support'],
      ['6', 'Sales'],
    ])
    const target = new Map([
      ['ann@x.com', 'A'],
      ['bob@x.com.dev', 'B'],
      ['all@x.com', 'C'],
      ['Support.old@x.com', 'D'],
      ['Help', 'Q'],
    ])
    expect([...matchOwners(source, target, { 'cid@x.com': 'all@x.com', Sales: 'Help' })]).toEqual([
      ['1', 'A'],
      ['2', 'B'],
      ['3', 'C'],
      ['6', 'Q'],
    ])
  })

  it('are who they were in the same org, whatever they are called now, unless others are asked for', () => {
    const source = new Map([
      ['1', 'ann@x.com'],
      ['2', 'bob@x.com'],
      ['3', 'Support'],
    ])
    const target = new Map([
      ['ann.new@x.com', '1'],
      ['bob@x.com', '2'],
      ['Support', '9'],
    ])
    const asked = { 'bob@x.com': 'ann.new@x.com' }
    expect([...matchOwners(source, target, asked, new Set(target.values()))]).toEqual([
      ['1', '1'],
      ['2', '1'],
      ['3', '9'],
    ])
  })

  it('are those of the same object', () => {
    const type = (id: string, object: string, developerName: string) => ({ id, object, developerName })
    const found = matchRecordTypes(
      [type('1', 'Account', 'Big'), type('2', 'Case', 'Big'), type('3', 'Account', 'Gone')],
      [type('8', 'Case', 'Big'), type('9', 'Account', 'Big')],
    )
    expect([...found]).toEqual([
      ['1', '9'],
      ['2', '8'],
    ])
  })
})
