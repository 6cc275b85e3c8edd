import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Build, build } from '../../../../workers/deploy/build/build.ts'
import { zipOf } from '../../../../workers/deploy/build/zip.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mayfly-build-'))
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

const meta = (type: string, inner = '') =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${type} xmlns="http://soap.sforce.com/2006/04/metadata">${inner}</${type}>\n`

const project = (more: object = {}) =>
  JSON.stringify({ packageDirectories: [{ path: 'force-app' }, { path: 'more' }], sourceApiVersion: '61.0', ...more })

/** A project with one of most shapes. */
const shop = {
  'sfdx-project.json': project(),
  '.forceignore': '**/secret/**\n',
  'force-app/main/default/classes/Shop.cls': 'public class Shop {}',
  'force-app/main/default/classes/Shop.cls-meta.xml': meta('ApexClass'),
  'force-app/main/default/classes/secret/No.cls': 'class No {',
  'force-app/main/default/lwc/shop/shop.js': 'export default 1',
  'force-app/main/default/lwc/shop/__tests__/shop.test.js': 'test()',
  'force-app/main/default/lwc/jsconfig.json': '{}',
  'force-app/main/default/objects/Shop__c/Shop__c.object-meta.xml': meta('CustomObject', '<label>Shop</label>'),
  'force-app/main/default/objects/Shop__c/fields/Size__c.field-meta.xml': meta(
    'CustomField',
    '<fullName>Size__c</fullName>',
  ),
  'force-app/main/default/staticresources/pack/a.txt': 'a',
  'force-app/main/default/staticresources/pack/css/b.css': 'b',
  'force-app/main/default/staticresources/pack.resource-meta.xml': meta('StaticResource'),
  'force-app/main/default/labels/CustomLabels.labels-meta.xml': meta('CustomLabels', '<labels><a/></labels>'),
  'force-app/README.md': 'read me',
  'more/objects/Account/fields/Size__c.field-meta.xml': meta('CustomField', '<fullName>Size__c</fullName>'),
  'more/labels/More.labels-meta.xml': meta('CustomLabels', '<labels><b/></labels>'),
}

function built(options: Build = {}) {
  const made = build(root, options, '65.0')
  const files = unzipSync(made.bytes)
  return { ...made, names: Object.keys(files), text: (path: string) => new TextDecoder().decode(files[path]), files }
}

describe('a project in source format', () => {
  it('becomes a package with a manifest of what is in it', () => {
    write(shop)
    const { names, text, components, files } = built()
    expect(names).toEqual([
      'classes/Shop.cls',
      'classes/Shop.cls-meta.xml',
      'labels/CustomLabels.labels',
      'lwc/shop/shop.js',
      'objects/Account.object',
      'objects/Shop__c.object',
      'package.xml',
      'staticresources/pack.resource',
      'staticresources/pack.resource-meta.xml',
    ])
    expect(text('classes/Shop.cls')).toBe('public class Shop {}')
    expect(text('labels/CustomLabels.labels')).toMatch(/<a\/>[\s\S]*<b\/>/)
    expect(Object.keys(unzipSync(files['staticresources/pack.resource'] ?? new Uint8Array()))).toEqual([
      'a.txt',
      'css/b.css',
    ])
    expect(components).toBe(7)
    expect(text('package.xml').replaceAll(/\s+/g, '')).toBe(
      `<?xmlversion="1.0"encoding="UTF-8"?><Packagexmlns="http://soap.sforce.com/2006/04/metadata">${[
        '<types><members>Shop</members><name>ApexClass</name></types>',
        '<types><members>Account.Size__c</members><members>Shop__c.Size__c</members><name>CustomField</name></types>',
        '<types><members>CustomLabels</members><name>CustomLabels</name></types>',
        '<types><members>Shop__c</members><name>CustomObject</name></types>',
        '<types><members>shop</members><name>LightningComponentBundle</name></types>',
        '<types><members>pack</members><name>StaticResource</name></types>',
      ].join('')}<version>61.0</version></Package>`,
    )
  })

  it('is known again by what an org says of the package', () => {
    write(shop)
    const { origins } = built()
    expect(origins.files['classes/Shop.cls']).toBe('force-app/main/default/classes/Shop.cls')
    expect(origins.members['CustomField:Account.Size__c']).toBe('more/objects/Account/fields/Size__c.field-meta.xml')
    expect(origins.segments['objects/Shop__c.object']).toContainEqual([
      4,
      'force-app/main/default/objects/Shop__c/fields/Size__c.field-meta.xml',
      2,
    ])
  })

  it('is the same package whenever it is built', () => {
    write(shop)
    expect(built().sha256).toBe(built().sha256)
  })

  it('is deployed in part by package directory and pattern', () => {
    write(shop)
    expect(built({ packageDirectories: ['more'], include: ['**/objects'] }).names).toEqual([
      'objects/Account.object',
      'package.xml',
    ])
    expect(built({ exclude: ['force-app'] }).names).not.toContain('classes/Shop.cls')
    expect(() => built({ include: ['nothing'] })).toThrow('there is nothing to deploy below force-app, more')
    expect(() => built({ packageDirectories: ['none'] })).toThrow('sfdx-project.json has no none, but force-app, more')
  })

  it('deletes what a manifest among the sources names', () => {
    write({ ...shop, 'delete.xml': '<Package/>' })
    expect(built({ destructive: { post: 'delete.xml' } }).text('destructiveChangesPost.xml')).toBe('<Package/>')
    expect(() => built({ destructive: { pre: '../delete.xml' } })).toThrow('destructive.pre: there is no file')
  })

  it('says which files are not as they have to be, by the path that people know', () => {
    write({ ...shop, 'more/classes/Alone.cls': 'class Alone {}', 'more/x/A.wonder-meta.xml': '<A/>' })
    expect(() => built()).toThrow(
      'more/classes/Alone.cls: there is no Alone.cls-meta.xml beside it; more/x/A.wonder-meta.xml: no type of metadata has the suffix wonder; correct them, or leave them out with .forceignore or exclude',
    )
  })

  it('is refused where more is asked for than is done here', () => {
    write({ ...shop, 'sfdx-project.json': project({ registryPresets: ['decomposeWorkflow'] }) })
    expect(() => built()).toThrow('sfdx-project.json has registryPresets, which is not applied here')
    write({ 'sfdx-project.json': 'not JSON' })
    expect(() => built()).toThrow('sfdx-project.json cannot be read')
    write({ 'sfdx-project.json': project({ packageDirectories: [{ path: '../..' }] }) })
    expect(() => built()).toThrow('the package directory ../.., which is not there')
  })
})

describe('a package', () => {
  it('is deployed as it is, from wherever in the sources it lies', () => {
    const own = '<Package><version>60.0</version></Package>'
    write({ 'repo-1/src/package.xml': own, 'repo-1/src/classes/A.cls': 'A', 'repo-1/src/classes/A.cls-meta.xml': 'm' })
    const { names, text, format, origins, components } = built()
    expect([format, names, text('package.xml'), components]).toEqual([
      'mdapi',
      ['classes/A.cls', 'classes/A.cls-meta.xml', 'package.xml'],
      own,
      null,
    ])
    expect(origins.files['classes/A.cls']).toBe('repo-1/src/classes/A.cls')
  })

  it('gets a manifest when it has none', () => {
    write({
      'pack/classes/A.cls': 'A',
      'pack/classes/A.cls-meta.xml': 'm',
      'pack/objects/B__c.object': '<CustomObject/>',
    })
    const { text } = built({ directory: 'pack' })
    expect(text('package.xml')).toContain('<members>B__c</members>')
    expect(text('package.xml')).toContain('<version>65.0</version>')
  })

  it('must be there', () => {
    write({ 'docs/a.md': 'a', 'src/b.md': 'b' })
    expect(() => built()).toThrow('the sources have neither sfdx-project.json nor package.xml: say under directory')
    expect(() => built({ directory: '../..' })).toThrow('there is no directory ../.. in the sources')
  })
})

describe('a zip', () => {
  const entries = ['a', 'b', 'c'].map((path) => ({ path, read: () => crypto.getRandomValues(new Uint8Array(1000)) }))

  it('is refused above what Salesforce takes, with what to do', () => {
    const limits = { files: 3, zipBytes: 10_000, unzippedBytes: 10_000 }
    expect(zipOf(entries, limits).files).toBe(3)
    expect(() => zipOf(entries, { ...limits, files: 2 })).toThrow(
      'the package has 3 files, and Salesforce takes 2 at once',
    )
    expect(() => zipOf(entries, { ...limits, zipBytes: 2_000 })).toThrow('MiB packed, more than Salesforce takes')
    expect(() => zipOf(entries, { ...limits, unzippedBytes: 2_000 })).toThrow('deploy it in parts, with include')
  })
})
