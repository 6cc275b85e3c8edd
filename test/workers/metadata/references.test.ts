import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { references } from '../../../workers/metadata/references/check.ts'
import { inventoryOf } from '../../../workers/metadata/validate/inventory.ts'
import type { Selection } from '../../../workers/sources/selection.ts'
import { filesBelow, forceDevTool, installed } from '../../fixtures/published.ts'

const directories: string[] = []
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true })
})

const none = { include: [], exclude: [] }
const xml = (root: string, inside = '') =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://soap.sforce.com/2006/04/metadata">\n${inside}\n</${root}>\n`
const object = xml('CustomObject', '<label>Shop</label>')
const field = (name: string, more = '') => xml('CustomField', `<fullName>${name}</fullName>${more}`)

/** One object with one field, and classes. */
const base = {
  'sfdx-project.json': '{"packageDirectories": [{"path": "app"}]}',
  'app/objects/Shop__c/Shop__c.object-meta.xml': object,
  'app/objects/Shop__c/fields/Size__c.field-meta.xml': field('Size__c'),
  'app/classes/Cart.cls': 'public class Cart {\n  @AuraEnabled public static void add(Id one) {}\n}\n',
  'app/classes/Cart.cls-meta.xml': xml('ApexClass', '<apiVersion>62.0</apiVersion>'),
}

async function check(files: Readonly<Record<string, string>>, selection: Selection = none) {
  const root = mkdtempSync(join(tmpdir(), 'mayfly-references-'))
  directories.push(root)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const around = inventoryOf(root, none)
  const { findings, resolved, needed } = await references(inventoryOf(root, selection), { around })
  const found = findings.map(({ file, line, rule, message }) => `${file}:${line} ${rule} ${message.split(': ')[0]}`)
  return { found, resolved, needed: needed.map(({ type, name, count }) => `${type} ${name} ${count}`) }
}

describe('what components name', () => {
  it('is there, or should be there, or must be in the org', async () => {
    const layout = (names: readonly string[]) =>
      xml(
        'Layout',
        names
          .map(
            (name) =>
              `<layoutSections><layoutColumns><layoutItems>\n<field>${name}</field></layoutItems></layoutColumns></layoutSections>`,
          )
          .join(''),
      )
    const files = {
      ...base,
      'app/layouts/Shop__c-Shop Layout.layout-meta.xml': layout(['Name', 'size__c', 'Siez__c', 'npsp__Level__c']),
      'app/layouts/Account-Account Layout.layout-meta.xml': layout(['Rating__c', 'Name']),
      'app/objects/Shop__c/fields/Owner__c.field-meta.xml': field('Owner__c', '<referenceTo>Person__c</referenceTo>'),
      'app/objects/Shop__c/fields/Kind__c.field-meta.xml': field('Kind__c', '<referenceTo>Account</referenceTo>'),
    }
    expect(await check(files)).toEqual({
      found: [
        'app/layouts/Shop__c-Shop Layout.layout-meta.xml:6 metadata/unresolved there is no CustomField Shop__c.Siez__c in the sources',
      ],
      resolved: 1,
      needed: ['CustomField Shop__c.npsp__Level__c 1', 'CustomObject Person__c 1'],
    })
  })

  it('is found in formulas, without their texts, comments and what other objects have', async () => {
    const formula = `Size__c > 1 /* Old__c */ && Text__c = "Gone__c" && Owner__r.Level__c = $User.Rank__c`
    const rule = xml(
      'ValidationRule',
      `<fullName>R</fullName><errorConditionFormula>${formula.replaceAll('&', '&amp;').replaceAll('>', '&gt;')}</errorConditionFormula>`,
    )
    const { found, resolved } = await check({
      ...base,
      'app/objects/Shop__c/validationRules/R.validationRule-meta.xml': rule,
    })
    expect(found).toEqual([
      'app/objects/Shop__c/validationRules/R.validationRule-meta.xml:3 metadata/unresolved there is no CustomField Shop__c.Text__c in the sources',
    ])
    expect(resolved).toBe(1)
  })

  it('is found in permissions, tabs, applications, pages and flows', async () => {
    const permissions = xml(
      'PermissionSet',
      `<classAccesses><apexClass>Cart</apexClass></classAccesses>
<classAccesses><apexClass>Till</apexClass></classAccesses>
<fieldPermissions><field>Shop__c.Size__c</field></fieldPermissions>
<fieldPermissions><field>Shop__c.Height__c</field></fieldPermissions>
<fieldPermissions><field>Account.Height__c</field></fieldPermissions>
<objectPermissions><object>Shop__c</object></objectPermissions>
<objectPermissions><object>Account</object></objectPermissions>
<recordTypeVisibilities><recordType>Shop__c.Big</recordType></recordTypeVisibilities>
<tabSettings><tab>standard-Account</tab></tabSettings>
<tabSettings><tab>Shop__c</tab></tabSettings>`,
    )
    const page = xml(
      'FlexiPage',
      `<sobjectType>Shop__c</sobjectType>
<flexiPageRegions><itemInstances><componentInstance><componentName>c:cart</componentName></componentInstance></itemInstances>
<itemInstances><componentInstance><componentName>c:till</componentName></componentInstance></itemInstances>
<itemInstances><componentInstance><componentName>force:detailPanel</componentName></componentInstance></itemInstances>
<itemInstances><fieldInstance><fieldItem>Record.Depth__c</fieldItem></fieldInstance></itemInstances></flexiPageRegions>`,
    )
    const flow = xml(
      'Flow',
      `<actionCalls><actionName>Cart</actionName><actionType>apex</actionType></actionCalls>
<actionCalls><actionName>emailSimple</actionName><actionType>emailSimple</actionType></actionCalls>
<recordLookups><object>Shop__c</object><filters><field>Width__c</field></filters></recordLookups>
<recordLookups><object>Account</object><filters><field>Width__c</field></filters></recordLookups>
<subflows><flowName>Other</flowName></subflows>`,
    )
    const files = {
      ...base,
      'app/permissionsets/P.permissionset-meta.xml': permissions,
      'app/tabs/Shop__c.tab-meta.xml': xml('CustomTab', '<customObject>true</customObject>'),
      'app/applications/A.app-meta.xml': xml('CustomApplication', '<tabs>Shop__c</tabs><tabs>standard-home</tabs>'),
      'app/flexipages/F.flexipage-meta.xml': page,
      'app/flows/L.flow-meta.xml': flow,
      'app/lwc/cart/cart.js': 'export default class Cart {}\n',
      'app/lwc/cart/cart.js-meta.xml': xml('LightningComponentBundle', '<apiVersion>62.0</apiVersion>'),
    }
    const { found, needed } = await check(files)
    expect(found.map((line) => line.replace(/^app\/\w+\//, '').replace(/ metadata.*is no /, ' '))).toEqual([
      'F.flexipage-meta.xml:7 CustomField Shop__c.Depth__c in the sources',
      'L.flow-meta.xml:5 CustomField Shop__c.Width__c in the sources',
      'P.permissionset-meta.xml:6 CustomField Shop__c.Height__c in the sources',
      'P.permissionset-meta.xml:10 RecordType Shop__c.Big in the sources',
    ])
    expect(needed).toEqual(['ApexClass Till 1', 'Component till 1', 'Flow Other 1'])
  })

  it('is found in code: imports, tags, controllers and triggers', async () => {
    const script = `import add from '@salesforce/apex/Cart.add'
import remove from '@salesforce/apex/Cart.remove'
import { refreshApex } from '@salesforce/apex'
import SIZE from '@salesforce/schema/Shop__c.Size__c'
import COLOUR from '@salesforce/schema/Shop__c.Colour__c'
import NAME from '@salesforce/schema/Account.Name'
import hello from '@salesforce/label/c.Hello'
// import gone from '@salesforce/apex/Gone.gone'
import { till } from 'c/till'
`
    const files = {
      ...base,
      'app/lwc/cart/cart.js': script,
      'app/lwc/cart/cart.html': '<template>\n<c-big-till></c-big-till>\n<!-- <c-gone></c-gone> -->\n</template>\n',
      'app/lwc/cart/cart.js-meta.xml': xml('LightningComponentBundle'),
      'app/labels/CustomLabels.labels-meta.xml': xml('CustomLabels', '<labels><fullName>Hello</fullName></labels>'),
      'app/aura/old/old.cmp': '<aura:component controller="Cart">\n<c:cart/><c:older/></aura:component>\n',
      'app/aura/old/old.cmp-meta.xml': xml('AuraDefinitionBundle'),
      'app/pages/P.page':
        '<apex:page standardController="Shop__c" extensions="Cart, Till">{!$Label.Hello}</apex:page>\n',
      'app/pages/P.page-meta.xml': xml('ApexPage'),
      'app/triggers/T.trigger': 'trigger T on Other__c (before insert) {}\n',
      'app/triggers/T.trigger-meta.xml': xml('ApexTrigger'),
    }
    const { found, needed, resolved } = await check(files)
    expect(found).toEqual([
      'app/lwc/cart/cart.js:2 metadata/unresolved there is no method Cart.remove in the sources',
      'app/lwc/cart/cart.js:5 metadata/unresolved there is no CustomField Shop__c.Colour__c in the sources',
    ])
    expect(needed).toEqual([
      'ApexClass Till 1',
      'Component older 1',
      'CustomObject Other__c 1',
      'LightningComponentBundle bigTill 1',
      'LightningComponentBundle till 1',
    ])
    expect(resolved).toBe(12)
  })

  it('must not be deleted by a manifest beside it', async () => {
    const destructive = xml(
      'Package',
      '<types><members>Till</members><members>Cart</members><name>ApexClass</name></types>',
    )
    const permissions = xml('PermissionSet', '<classAccesses><apexClass>Till</apexClass></classAccesses>')
    const { found } = await check({
      ...base,
      'manifest/destructiveChanges.xml': destructive,
      'app/permissionsets/P.permissionset-meta.xml': permissions,
    })
    expect(found).toEqual([
      'app/permissionsets/P.permissionset-meta.xml:3 metadata/refers-to-deleted the ApexClass Till is to be deleted',
    ])
  })

  it('is found in the whole project where a part is looked at, also by its own namespace', async () => {
    const files = {
      ...base,
      'sfdx-project.json': '{"packageDirectories": [{"path": "app"}], "namespace": "acme"}',
      'app/permissionsets/P.permissionset-meta.xml': xml(
        'PermissionSet',
        '<fieldPermissions><field>acme__Shop__c.acme__Size__c</field></fieldPermissions>',
      ),
    }
    const selection = { include: ['**/permissionsets/**'], exclude: [] }
    expect(await check(files, selection)).toEqual({ found: [], resolved: 1, needed: [] })
  })

  it('is no finding in a package, which may be what changed and no more', async () => {
    const whole = xml(
      'CustomObject',
      '<label>Shop</label><fields><fullName>Size__c</fullName></fields><compactLayouts><fullName>L</fullName><fields>Old__c</fields><fields>Size__c</fields></compactLayouts>',
    )
    const files = { 'package.xml': xml('Package', '<version>62.0</version>'), 'objects/Shop__c.object': whole }
    expect(await check(files)).toEqual({ found: [], resolved: 1, needed: ['CustomField Shop__c.Old__c 1'] })
  })
})

describe('projects that nobody here wrote', () => {
  it.for([
    ['@salesforce/ui-bundle-template-app-react-sample-b2e', 331],
    ['@salesforce/ui-bundle-template-app-react-sample-b2x', 427],
    ['@salesforce/webapp-template-app-react-sample-b2x-experimental', 278],
  ] as const)('name nothing that is not there: %s', async ([name, atLeast]) => {
    const found = await references(inventoryOf(join(installed(name), 'dist'), none))
    expect(found).toMatchObject({ findings: [], needed: [] })
    expect(found.resolved).toBeGreaterThanOrEqual(atLeast)
  })

  it('are told of the field that was taken out', async () => {
    const root = mkdtempSync(join(tmpdir(), 'mayfly-references-'))
    directories.push(root)
    cpSync(join(installed('@salesforce/ui-bundle-template-app-react-sample-b2e'), 'dist'), root, { recursive: true })
    rmSync(join(root, 'force-app/main/default/objects/Tenant__c/fields/Status__c.field-meta.xml'))
    const { findings } = await references(inventoryOf(root, none))
    expect(findings.length).toBeGreaterThan(2)
    expect(new Set(findings.map(({ rule, message }) => `${rule} ${message.split(': ')[0]}`))).toEqual(
      new Set(['metadata/unresolved there is no CustomField Tenant__c.Status__c in the sources']),
    )
    for (const { file, line } of findings)
      expect(readFileSync(join(root, file), 'utf8').split('\n')[line - 1]).toContain('Status__c')
  })

  it('name nothing wrongly in 128 packages of force-dev-tool', async () => {
    const root = await forceDevTool()
    directories.push(root)
    const packages = filesBelow(root).filter((file) => file.endsWith('/package.xml'))
    expect(packages).toHaveLength(128)
    for (const file of packages) {
      const { findings } = await references(inventoryOf(join(root, dirname(file)), none))
      expect([file, findings]).toEqual([file, []])
    }
  })
})
