import { expect, it } from 'vitest'
import { differences } from '../../../workers/tracking/changes.ts'

const before = { 'ApexClass:Same': '2026-01-01T00:00:00Z', 'ApexClass:Gone': '2026-01-01T00:00:00Z', 'Flow:F': '' }

it('finds what came, changed and went by dates, of the types that were looked at', () => {
  const now = {
    'ApexClass:Same': '2026-01-01T00:00:00Z',
    'CustomField:A__c.B__c': '2026-02-01T00:00:00Z',
    'Flow:F': '2026-03-01T00:00:00Z',
  }
  const at = (month: number) => `2026-0${month}-01T00:00:00.000Z`
  const come = [
    { type: 'CustomField', name: 'A__c.B__c', change: 'added', at: at(2) },
    { type: 'Flow', name: 'F', change: 'changed', at: at(3) },
  ]
  const gone = { type: 'ApexClass', name: 'Gone', change: 'deleted', at: null }
  expect(differences(before, now, () => true)).toEqual([...come, gone])
  expect(differences(before, now, (type) => type !== 'ApexClass')).toEqual(come)
  expect(differences(now, now, () => true)).toEqual([])
})
