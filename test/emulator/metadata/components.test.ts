import { describe, expect, it } from 'vitest'
import { textOf } from './archive.ts'
import { type Child, type ComponentFiles, childrenOf, componentsOf, merged, nameOf, without } from './components.ts'

describe('the path of a file', () => {
  it.each([
    ['classes/A.cls-meta.xml', 'ApexClass', 'A'],
    ['lwc/card/card.js', 'LightningComponentBundle', 'card'],
    ['reports/Sales/Won.report', 'Report', 'Sales/Won'],
    ['reports/Sales-meta.xml', 'Report', 'Sales'],
    ['documents/Logos/logo.png-meta.xml', 'Document', 'Logos/logo.png'],
    ['layouts/Account-Account Layout.layout', 'Layout', 'Account-Account Layout'],
  ])('%s tells of %s %s', (path, type, fullName) => {
    expect(nameOf(path)).toEqual({ type, fullName })
  })

  it.each(['package.xml', 'unknown/A.x'])('%s tells of no component', (path) => {
    expect(nameOf(path)).toBeNull()
  })
})

describe('the children in a file of an object', () => {
  const sets = '<fieldSets><fullName>Set</fullName><fields><fullName>No__c</fullName></fields></fieldSets>'
  const field = (name: string, label = name) => `<fields><fullName>${name}</fullName><label>${label}</label></fields>`
  const object = (...elements: string[]) => `<CustomObject>${elements.join('\n')}<label>Thing</label></CustomObject>`

  it('are its own elements, not those within others', () => {
    const names = childrenOf(component(object(field('A__c'), sets))).map(({ type, fullName }) => [type, fullName])
    expect(names).toEqual([
      ['CustomField', 'Thing__c.A__c'],
      ['FieldSet', 'Thing__c.Set'],
    ])
  })

  it('are put in, replaced and taken out without touching the rest', () => {
    const stored = component(object(field('A__c'), sets))
    const changed = { type: 'CustomField', fullName: 'Thing__c.A__c', text: field('A__c', 'New $& label') }
    const added = { type: 'CustomField', fullName: 'Thing__c.B__c', text: field('B__c') }
    const both = merged(stored, [changed, added])
    expect(xmlOf(both)).toContain(sets)
    expect(childrenOf(both).map(({ text }) => text)).toEqual([changed.text, added.text, sets])
    const [first] = childrenOf(both)
    expect(childrenOf(without(both, first as Child)).map(({ text }) => text)).toEqual([added.text, sets])
  })

  function component(xml: string): ComponentFiles {
    const [made] = componentsOf(new Map([['objects/Thing__c.object', Buffer.from(xml)]]))
    return made as ComponentFiles
  }

  function xmlOf({ files }: ComponentFiles): string {
    return textOf([...files.values()][0] ?? new Uint8Array())
  }
})
