import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { checkNames } from '../../../workers/metadata/validate/check-names.ts'
import { checkAll } from '../../../workers/metadata/validate/checks.ts'
import { inventoryOf } from '../../../workers/metadata/validate/inventory.ts'
import { limits } from '../../../workers/metadata/validate/limits.ts'

const directories: string[] = []
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true })
})

function inventory(files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'mayfly-validate-'))
  directories.push(root)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return inventoryOf(root, { include: [], exclude: [] })
}

const linesOf = (files: Readonly<Record<string, string>>) =>
  checkAll(inventory(files), checkNames).map(
    ({ file, line, rule, message }) => `${file}:${line} ${rule} ${message.split(': ')[0]}`,
  )

const xml = (root: string, inside = '') =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://soap.sforce.com/2006/04/metadata">${inside}</${root}>\n`
const version = (number: string) => xml('ApexClass', `<apiVersion>${number}</apiVersion>`)
const manifest = (types: Readonly<Record<string, readonly string[]>>, end = '<version>62.0</version>') =>
  xml(
    'Package',
    `\n${Object.entries(types)
      .map(
        ([type, names]) =>
          `<types>\n${names.map((name) => `<members>${name}</members>\n`).join('')}<name>${type}</name>\n</types>\n`,
      )
      .join('')}${end}`,
  )
const project = '{"packageDirectories": [{"path": "one"}, {"path": "two"}]}'
const cls = (name: string) => `public class ${name} {}\n`

describe('a project in source format', () => {
  const good = {
    'sfdx-project.json': project,
    'one/classes/A.cls': cls('A'),
    'one/classes/A.cls-meta.xml': version('62.0'),
    'one/objects/B__c/B__c.object-meta.xml': xml('CustomObject'),
    'one/objects/B__c/fields/C__c.field-meta.xml': xml('CustomField', '<fullName>C__c</fullName>'),
    'two/lwc/card/card.js': '',
    'two/lwc/card/card.js-meta.xml': xml('LightningComponentBundle'),
    'two/staticresources/logo.png': '',
    'two/staticresources/logo.resource-meta.xml': xml('StaticResource'),
  }

  it('has nothing to complain of when all is there', () => {
    expect(linesOf(good)).toEqual([])
  })

  it('has files that miss the one that belongs to them', () => {
    const { 'one/classes/A.cls-meta.xml': _, 'two/lwc/card/card.js-meta.xml': __, ...rest } = good
    expect(linesOf({ ...rest, 'two/staticresources/alone.css': '' })).toEqual([
      'one/classes/A.cls:1 metadata/pair there is no A.cls-meta.xml beside it',
      'two/lwc/card/card.js:1 metadata/pair the component card has no card.js-meta.xml',
      'two/staticresources/alone.css:1 metadata/pair the static resource alone has no alone.resource-meta.xml',
    ])
  })

  it('has components twice, in two directories', () => {
    const twice = {
      'two/deep/classes/A.cls': cls('A'),
      'two/deep/classes/A.cls-meta.xml': version('62.0'),
      'two/objects/B__c/fields/C__c.field-meta.xml': xml('CustomField', '<fullName>C__c</fullName>'),
    }
    expect(linesOf({ ...good, ...twice })).toEqual([
      'two/deep/classes/A.cls:1 metadata/duplicate ApexClass A is in one/classes/A.cls too',
      'two/deep/classes/A.cls-meta.xml:1 metadata/duplicate ApexClass A is in one/classes/A.cls-meta.xml too',
      'two/objects/B__c/fields/C__c.field-meta.xml:1 metadata/duplicate CustomField B__c.C__c is in one/objects/B__c/fields/C__c.field-meta.xml too',
    ])
  })

  it('has names that Salesforce does not take, types that nobody knows and versions far apart', () => {
    const odd = {
      'one/classes/2nd.cls': '',
      'one/classes/2nd.cls-meta.xml': version('66.0'),
      'one/classes/Old.cls': '',
      'one/classes/Old.cls-meta.xml': version('50.0'),
      'one/lwc/Card/Card.js': '',
      'one/lwc/Card/Card.js-meta.xml': version('62.0'),
      'one/strange/A.strange-meta.xml': xml('Strange'),
      'manifest/package.xml': manifest({ Strange: ['*'], ApexClass: ['*', 'A', 'A'] }, ''),
    }
    expect(linesOf({ ...good, ...odd }).sort()).toEqual([
      'manifest/package.xml:1 metadata/manifest-version the manifest has no <version>',
      'manifest/package.xml:10 metadata/duplicate the ApexClass A is named twice',
      'manifest/package.xml:5 metadata/unknown-type no type of metadata is called Strange',
      'one/classes/2nd.cls:1 metadata/name the name 2nd (ApexClass) begins with a letter, and has letters, digits and single _ alone',
      'one/classes/Old.cls-meta.xml:1 metadata/api-version-spread API versions go from 50.0 here to 66.0 in one/classes/2nd.cls-meta.xml',
      'one/lwc/Card/Card.js:1 metadata/name the name Card (LightningComponentBundle) begins with a small letter, and has letters, digits and single _ alone',
      'one/strange/A.strange-meta.xml:1 metadata/unknown-type no type of metadata has the suffix strange',
    ])
  })
})

describe('a package', () => {
  const object = xml('CustomObject', '<fields><fullName>C__c</fullName></fields>')
  const files = {
    'classes/A.cls': cls('A'),
    'classes/A.cls-meta.xml': version('62.0'),
    'objects/B__c.object': object,
    'labels/CustomLabels.labels': xml('CustomLabels', '<labels><fullName>Hello</fullName></labels>'),
    'reports/Folder-meta.xml': xml('ReportFolder'),
    'reports/Folder/R.report': xml('Report'),
  }
  const whole = { ApexClass: ['A'], CustomField: ['B__c.C__c'], CustomLabel: ['Hello'], Report: ['Folder', 'Folder/R'] }

  it('has all that its manifest names, parts of files too, and the other way', () => {
    expect(linesOf({ ...files, 'package.xml': manifest(whole) })).toEqual([])
    expect(linesOf({ ...files, 'package.xml': manifest({ ...whole, ApexClass: ['*'], CustomObject: ['*'] }) })).toEqual(
      [],
    )
  })

  it('misses what is named, and has what is not', () => {
    const other = { ApexClass: ['B'], CustomField: ['B__c.D__c'], CustomLabel: ['Hello'], Report: ['Folder/R'] }
    expect(linesOf({ ...files, 'package.xml': manifest(other) })).toEqual([
      'package.xml:4 metadata/not-in-files ApexClass B is named and not there',
      'package.xml:8 metadata/not-in-files CustomField B__c.D__c is named and not there',
      'classes/A.cls:1 metadata/not-in-manifest ApexClass A is not in package.xml',
    ])
  })

  it('deletes nothing that it deploys, and nothing by a pattern', () => {
    const deleted = manifest({ ApexClass: ['A', 'Gone'], Layout: ['*'] })
    expect(linesOf({ ...files, 'package.xml': manifest(whole), 'destructiveChangesPost.xml': deleted })).toEqual([
      'destructiveChangesPost.xml:4 metadata/destructive ApexClass A is to be deleted and deployed (classes/A.cls-meta.xml)',
      'destructiveChangesPost.xml:9 metadata/destructive Layout is to be deleted by *',
    ])
  })

  it('is refused when Salesforce would not take as much', () => {
    const found = inventory({ ...files, 'package.xml': manifest(whole) })
    const usual = { files: 10, zipBytes: 10_000, unzippedBytes: 10_000 }
    const complaints = (most: object) =>
      limits(found, { ...usual, ...most }).map(({ message }) => message.split(': ')[0])
    expect(complaints({})).toEqual([])
    expect(complaints({ files: 5 })).toEqual(['the package has 6 files, and Salesforce takes 5'])
    expect(complaints({ unzippedBytes: 100 })).toEqual(['the package has 1 MiB unpacked, and Salesforce takes 0'])
    expect(complaints({ zipBytes: 500 })).toEqual(['the package has 1 MiB packed, and Salesforce takes 0'])
  })
})

describe('the sample of Salesforce', () => {
  it('has one file of a type that its registry does not know', () => {
    const root = dirname(
      fileURLToPath(import.meta.resolve('@salesforce/webapp-template-app-react-sample-b2x-experimental/package.json')),
    )
    const found = inventoryOf(join(root, 'dist'), { include: [], exclude: [] })
    expect(found.items.length).toBeGreaterThan(400)
    const rules = checkAll(found, checkNames).map(({ file, rule }) => `${file.split('/').at(-1)} ${rule}`)
    expect(rules).toEqual(['propertyrentalapp.webapplication-meta.xml metadata/unknown-type'])
  })
})
