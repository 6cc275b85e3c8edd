import { describe, expect, it } from 'vitest'
import { lintMetadata } from '../../../workers/metadata/lint.ts'
import { rootElementOf } from '../../../workers/metadata/root-element.ts'

const xml = (root: string, inside = '') =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://soap.sforce.com/2006/04/metadata">\n${inside}\n</${root}>\n`
const rulesIn = (file: string, text: string) =>
  lintMetadata(file, text).map(({ rule, line, column }) => `${rule} ${line}:${column}`)

describe('a file of metadata', () => {
  it.each([
    ['an unclosed element', '<A>\n  <b>\n</A>\n', 'syntax 3:5'],
    ['a bare & that a parser would notice lines later', '<A>\n  <b>Heating & Cooling</b>\n</A>\n', 'syntax 2:14'],
    ['entities of its own', '<!DOCTYPE A [<!ENTITY x "y">]>\n<A>&x;</A>\n', 'syntax 2:7'],
    ['nothing', '', 'syntax 1:1'],
  ])('is no XML with %s', (_, text, found) => {
    expect(rulesIn('a.layout-meta.xml', text)).toEqual([found])
  })

  it('is taken with what XML allows', () => {
    const text = xml('Layout', '<label>a &amp; b &#38; <![CDATA[ c & d ]]><!-- e & f --></label>')
    expect(rulesIn('layouts/A.layout-meta.xml', text)).toEqual([])
  })

  it('has the root element of its type', () => {
    expect(rulesIn('classes/A.cls-meta.xml', xml('ApexPage'))).toEqual(['metadata/root 2:1'])
    expect(lintMetadata('classes/A.cls-meta.xml', xml('ApexPage'))[0]?.message).toContain(
      'is <ApexPage>, not <ApexClass>',
    )
  })

  it('has an API version that is still served well', () => {
    const old = xml('ApexClass', '  <apiVersion>29.0</apiVersion>')
    expect(rulesIn('A.cls-meta.xml', old)).toEqual(['metadata/api-version 3:3'])
    const ignored = old.replace('  <api', '<!-- mayfly-ignore metadata/api-version -->\n  <api')
    expect(rulesIn('A.cls-meta.xml', ignored)).toEqual([])
    expect(rulesIn('package.xml', xml('Package', '<version>20.0</version>'))).toEqual(['metadata/api-version 3:1'])
  })
})

describe('the root element', () => {
  it.each([
    ['main/classes/A.cls-meta.xml', 'ApexClass'],
    ['src/objects/A__c.object', 'CustomObject'],
    ['objects/A__c/A__c.object-meta.xml', 'CustomObject'],
    ['objects/A__c/fields/B__c.field-meta.xml', 'CustomField'],
    ['objects/A__c/validationRules/B.validationRule-meta.xml', 'ValidationRule'],
    ['lwc/card/card.js-meta.xml', 'LightningComponentBundle'],
    ['aura/App/App.app-meta.xml', 'AuraDefinitionBundle'],
    ['staticresources/zip.resource-meta.xml', 'StaticResource'],
    ['documents/Folder/logo.png-meta.xml', 'Document'],
    ['documents/Folder.documentFolder-meta.xml', 'DocumentFolder'],
    ['digitalExperiences/site/a/a.digitalExperience-meta.xml', 'DigitalExperienceBundle'],
    ['reports/Folder/B.report-meta.xml', 'Report'],
    ['sites/A.site-meta.xml', 'CustomSite'],
    ['manifest/package.xml', 'Package'],
    ['settings/Case.settings', 'CaseSettings'],
    ['reports/Folder-meta.xml', 'ReportFolder'],
    ['flows/A.flow-meta.xml', 'Flow'],
  ])('of %s is %s', (path, root) => {
    expect(rootElementOf(path)?.test(root)).toBe(true)
    expect(rootElementOf(path)?.test('Other')).toBe(false)
  })

  it.each([
    'pom.xml',
    'src/index.html',
    'classes/A.cls',
    'x.rule',
    'staticresources/site/data.xml',
    'a.strange-meta.xml',
  ])('of %s may be any', (path) => {
    expect(rootElementOf(path)).toBeUndefined()
  })
})
