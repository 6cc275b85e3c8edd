import { describe, expect, it } from 'vitest'
import { columnsOf, type Described, stampOf } from '../../../workers/backup/fields.ts'
import { chooseObjects, type GlobalObject } from '../../../workers/backup/objects.ts'

const object = (name: string, more: Partial<GlobalObject> = {}): GlobalObject => ({
  name,
  queryable: true,
  retrieveable: true,
  deprecatedAndHidden: false,
  ...more,
})
const names = ['Account', 'Contact', 'Order_History__c', 'Invoice__c']
const derived = [
  'AccountHistory',
  'Invoice__Share',
  'Invoice__Feed',
  'Invoice__ChangeEvent',
  'ApexTestQueueItem',
  'News__e',
  'Old__x',
  'Big__b',
]

describe('the objects of a backup', () => {
  it('are those that hold data of their own, by name', () => {
    const all = [...derived, ...names, 'Vote', 'ContentDocumentLink', 'Setting__mdt'].map((name) => object(name))
    expect(chooseObjects(all)).toEqual({ objects: names.toSorted(), refused: [] })
  })

  it('are none that cannot be read', () => {
    const all = [
      object('A', { queryable: false }),
      object('B', { retrieveable: false }),
      object('C', { deprecatedAndHidden: true }),
      object('D'),
    ]
    expect(chooseObjects(all).objects).toEqual(['D'])
  })

  it('are those that are named, even when the platform derives them, and less those that are excluded', () => {
    const all = [...names, 'AccountHistory'].map((name) => object(name))
    expect(chooseObjects(all, { include: ['AccountHistory', 'Account'] }).objects).toEqual([
      'Account',
      'AccountHistory',
    ])
    expect(chooseObjects(all, { include: ['*__c'], exclude: ['Invoice*'] }).objects).toEqual(['Order_History__c'])
    expect(chooseObjects(all, { exclude: ['*__c'] }).objects).toEqual(['Account', 'Contact'])
  })

  it('say why one that was named is not among them', () => {
    const all = [object('Account'), object('Vote'), object('Locked', { queryable: false })]
    expect(chooseObjects(all, { include: ['Account', 'Vote', 'Locked', 'Gone__c', 'G*'] })).toEqual({
      objects: ['Account'],
      refused: [
        { name: 'Vote', why: 'it answers only to queries with a filter' },
        { name: 'Locked', why: 'it cannot be queried' },
        { name: 'Gone__c', why: 'the org has no such object, or its user must not see it' },
      ],
    })
  })
})

describe('the columns of an object', () => {
  const described = (fields: Readonly<Record<string, string>>): Described => ({
    name: 'Account',
    fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
  })

  it('are its fields, the id first, without those made of others and without bytes', () => {
    const fields = { Name: 'string', Id: 'id', BillingAddress: 'address', Place: 'location', Body: 'base64' }
    expect(columnsOf(described(fields))).toEqual(['Id', 'Name'])
  })

  it('have one by which changes are found, where the object has any', () => {
    expect(stampOf(described({ LastModifiedDate: 'datetime', SystemModstamp: 'datetime' }))).toBe('SystemModstamp')
    expect(stampOf(described({ LastModifiedDate: 'datetime' }))).toBe('LastModifiedDate')
    expect(stampOf(described({ CreatedDate: 'datetime' }))).toBeUndefined()
  })
})
