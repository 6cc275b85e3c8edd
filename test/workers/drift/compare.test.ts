import { describe, expect, it } from 'vitest'
import { compare } from '../../../workers/drift/compare.ts'

const files = (all: Readonly<Record<string, string>>) =>
  new Map(Object.entries(all).map(([path, text]) => [path, new TextEncoder().encode(text)]))
const xml = (type: string, inner: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${type} xmlns="http://soap.sforce.com/2006/04/metadata">${inner}</${type}>`
const drift = (here: Readonly<Record<string, string>>, there: Readonly<Record<string, string>>) => {
  const { same, drifts } = compare(files(here), files(there))
  return [same, ...drifts.map(({ what, type, name, detail }) => [what, type, name, detail])]
}

describe('drift', () => {
  it('is no white space, no comment, no line end and no order of what is known by its name', () => {
    const here = '<fieldPermissions><field>A.B</field><readable>true</readable></fieldPermissions><label>L</label>'
    const there =
      '\r\n  <!-- by an org -->\n  <label>L</label>\n  <fieldPermissions>\n <readable>true</readable><field>A.B</field></fieldPermissions>\n'
    const path = 'permissionsets/Sales.permissionset'
    expect(drift({ [path]: xml('PermissionSet', here) }, { [path]: xml('PermissionSet', there) })).toEqual([1])
    expect(drift({ 'classes/A.cls': 'class A {}\n' }, { 'classes/A.cls': 'class A {}  \r\n' })).toEqual([1])
  })

  it('is what is another there, said by element and by line', () => {
    const path = 'permissionsets/Sales.permissionset'
    const one = xml('PermissionSet', '<label>Sales</label><license>A</license>')
    const other = xml('PermissionSet', '<label>Sales team</label><license>A</license>')
    expect(drift({ [path]: one }, { [path]: other })).toEqual([0, ['changed', 'PermissionSet', 'Sales', 'label']])
    expect(drift({ 'classes/A.cls': 'a\nb\n' }, { 'classes/A.cls': 'a\nc\n' })).toEqual([
      0,
      ['changed', 'ApexClass', 'A', 'from line 2 on'],
    ])
    const layout = (sections: string) => ({ 'layouts/A-A.layout': xml('Layout', sections) })
    const [first, second] = ['<layoutSections>1</layoutSections>', '<layoutSections>2</layoutSections>']
    expect(drift(layout(first + second), layout(second + first))).toEqual([
      0,
      ['changed', 'Layout', 'A-A', 'layoutSections'],
    ])
  })

  it('is what only one side has', () => {
    expect(drift({ 'classes/A.cls': 'a' }, { 'classes/B.cls': 'b' })).toEqual([
      0,
      ['only-here', 'ApexClass', 'A', null],
      ['only-there', 'ApexClass', 'B', null],
    ])
  })

  it('of an object counts by field, and fields that every org has do not count', () => {
    const field = (name: string, label: string) =>
      `<fields><fullName>${name}</fullName><label>${label}</label></fields>`
    const path = 'objects/Shop__c.object'
    const here = xml(
      'CustomObject',
      `${field('A__c', 'A')}${field('B__c', 'B')}${field('C__c', 'C')}<label>Shop</label>`,
    )
    const there = xml(
      'CustomObject',
      `<label>Shop</label>${field('B__c', 'b')}${field('A__c', 'A')}${field('D__c', 'D')}${field('Name', 'N')}`,
    )
    expect(drift({ [path]: here }, { [path]: there })).toEqual([
      2,
      ['changed', 'CustomField', 'Shop__c.B__c', null],
      ['only-here', 'CustomField', 'Shop__c.C__c', null],
      ['only-there', 'CustomField', 'Shop__c.D__c', null],
    ])
    const some = xml('CustomObject', field('A__c', 'A'))
    expect(drift({ [path]: some }, { [path]: there })).toEqual([1])
  })
})
