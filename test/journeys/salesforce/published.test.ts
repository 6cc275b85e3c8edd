/**
 * The kinds that take sources, on projects and packages that nobody here wrote: what they find there is looked at one by
 * one and true, and what they do not find is no accident of files that were made for a test.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeployResult } from '../../../workers/deploy/report/result.ts'
import type { Finding, LintResult } from '../../../workers/lint/report.ts'
import { checkNames } from '../../../workers/metadata/validate/check-names.ts'
import { checkAll } from '../../../workers/metadata/validate/checks.ts'
import { inventoryOf } from '../../../workers/metadata/validate/inventory.ts'
import type { ValidateResult } from '../../../workers/metadata/validate/run.ts'
import type { EmulatedOrg } from '../../emulator/org.ts'
import type { Ask } from '../../fixtures/mayfly.ts'
import { filesBelow, forceDevTool, installed } from '../../fixtures/published.ts'
import { quick, startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'

let salesforce: TestSalesforce
let org: EmulatedOrg
const directories: string[] = []

beforeAll(async () => {
  salesforce = await startSalesforce()
  org = salesforce.org('prod')
})
afterAll(async () => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
  await salesforce.close()
})

const linesOf = (findings: readonly Finding[]) =>
  findings.map(({ file, line, severity, rule }) => `${file}:${line} ${severity} ${rule}`)
const main = 'force-app/main/default'
/** "HVAC (Heating & Cooling)" is no XML. */
const broken = `${main}/objects/Maintenance_Worker__c/fields/Type__c.field-meta.xml`
/** The emulated org has no sites and no bundles of a user interface. */
const notEmulated = ['**/digitalExperiences/**', '**/uiBundles/**']

async function resultOf<Result>(ask: Ask): Promise<Result> {
  const { state, error, result } = await salesforce.run(ask)
  expect([state, error]).toEqual(['succeeded', null])
  return result as unknown as Result
}

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'mayfly-published-'))
  directories.push(directory)
  return directory
}

describe.for([
  [
    '@salesforce/ui-bundle-template-app-react-sample-b2e',
    { files: 206, classes: 4, triggers: 2, components: 190 },
    [
      `${main}/classes/TenantTriggerHandler_Test.cls:64 warning apex/test-without-assert`,
      `${broken}:31 error syntax`,
      'scripts/apex/hello.apex:9 warning apex/system-debug',
      'scripts/apex/hello.apex:10 warning apex/system-debug',
    ],
  ],
  [
    '@salesforce/ui-bundle-template-app-react-sample-b2x',
    { files: 229, classes: 12, triggers: 2, components: 190 },
    [
      `${main}/classes/TenantTriggerHandler_Test.cls:64 warning apex/test-without-assert`,
      `${main}/classes/UIBundleAuthUtils.cls:65 warning apex/system-debug`,
      `${main}/classes/UIBundleAuthUtils.cls:66 warning apex/system-debug`,
      `${main}/classes/UIBundleSocialLoginConfig.cls:75 warning apex/system-debug`,
      `${broken}:31 error syntax`,
      'scripts/apex/hello.apex:9 warning apex/system-debug',
      'scripts/apex/hello.apex:10 warning apex/system-debug',
    ],
  ],
] as const)('%s', ([name, counts, found]) => {
  const path = join(installed(name), 'dist')

  it('has faults in Apex and metadata, each of which is one', async () => {
    const result = await resultOf<LintResult>({ kind: 'lint.apex', input: { path, failOn: 'never' } })
    expect(linesOf(result.findings)).toEqual(found)
    expect(result.files).toBeGreaterThanOrEqual(counts.files)
  })

  it('has one fault as a whole, and names nothing that is not there', async () => {
    const result = await resultOf<ValidateResult>({ kind: 'metadata.validate', input: { path, failOn: 'never' } })
    expect(linesOf(result.findings)).toEqual([`${broken}:31 error syntax`])
    expect(result).toMatchObject({ format: 'source', references: { unresolved: 0, needed: 0 } })
  })

  it('is taken by an org, Apex byte for byte, without what is no XML', async () => {
    const files = filesBelow(path)
    const upload = await salesforce.mayfly.upload(
      zipSync(Object.fromEntries(files.map((file) => [file, readFileSync(join(path, file))])), { level: 1 }),
    )
    const input = { org: 'prod', upload: upload.id, exclude: notEmulated, ...quick }
    const refused = await salesforce.run({ kind: 'deploy.validate', input })
    expect(refused.error?.message).toContain(`${broken}:31`)
    const result = await resultOf<DeployResult>({
      kind: 'deploy.run',
      input: { ...input, exclude: [...notEmulated, broken] },
    })
    expect(result.components.total).toBeGreaterThanOrEqual(counts.components)
    const sources = files.filter((file) => /\.(cls|trigger)$/.test(file))
    expect(sources).toHaveLength(counts.classes + counts.triggers)
    for (const file of sources) {
      const type = file.endsWith('.cls') ? 'ApexClass' : 'ApexTrigger'
      const folder = file.endsWith('.cls') ? 'classes' : 'triggers'
      const stored = org.metadata
        .get(type, basename(file).replace(/\.\w+$/, ''))
        ?.files.get(`${folder}/${basename(file)}`)
      expect([file, stored && readFileSync(join(path, file)).equals(stored)]).toEqual([file, true])
    }
  })
})

describe('lightning-base-components', () => {
  /** As a project would have them: components lie in a directory `lwc`. */
  function project(): string {
    const root = temporary()
    const from = join(installed('lightning-base-components'), 'src/lightning')
    mkdirSync(join(root, 'app/lwc'), { recursive: true })
    // Thousands of files with a picture each.
    for (const component of readdirSync(from).filter((one) => !one.startsWith('iconSvgTemplates')))
      cpSync(join(from, component), join(root, 'app/lwc', component), { recursive: true })
    cpSync(join(import.meta.dirname, 'support/one-directory.json'), join(root, 'sfdx-project.json'))
    return root
  }

  it('has templates that its own compiler warns of, and nothing else', async () => {
    const path = project()
    const result = await resultOf<LintResult>({ kind: 'lint.apex', input: { path, failOn: 'never' } })
    expect(result.files).toBeGreaterThan(360)
    expect(result).toMatchObject({ errors: 0, warnings: 26 })
    expect(new Set(result.findings.map(({ rule }) => rule))).toEqual(new Set(['lwc/template']))
  })

  it('has four components that are described nowhere', async () => {
    const result = await resultOf<ValidateResult>({
      kind: 'metadata.validate',
      input: { path: project(), failOn: 'never' },
    })
    const components = ['layoutUtils', 'mixinBuilder', 'primitiveCellEditableButton', 'primitiveModal']
    expect(linesOf(result.findings)).toEqual(
      components.map((one) => `app/lwc/${one}/${one}.d.ts:1 error metadata/pair`),
    )
  })
})

describe('force-dev-tool', () => {
  let root: string
  beforeAll(async () => {
    root = await forceDevTool()
    directories.push(root)
  })
  const data = 'test-functional/data'

  it('has 124 packages that say what is in them, and one that names what is not there', () => {
    const packages = filesBelow(root).filter((file) => file.startsWith(data) && file.endsWith('/package.xml'))
    expect(packages).toHaveLength(124)
    const found = packages.flatMap((file) =>
      checkAll(inventoryOf(join(root, dirname(file)), { include: [], exclude: [] }), checkNames)
        .filter(({ severity }) => severity === 'error')
        .map(({ rule, line }) => `${dirname(file).slice(data.length + 1)} ${line} ${rule}`),
    )
    expect(found).toEqual(['complex-metadata/listView-removed/v1 9 metadata/not-in-files'])
  })

  it('has Apex of old without anything to complain of but its age', async () => {
    const result = await resultOf<LintResult>({
      kind: 'lint.apex',
      input: { path: join(root, data, 'compound-metadata/apex'), failOn: 'never' },
    })
    expect(result.errors).toBe(0)
    expect(new Set(result.findings.map(({ rule }) => rule))).toEqual(new Set(['metadata/api-version']))
  })

  it('deploys and deletes as its own tests say', async () => {
    const directory = join(root, data, 'compound-metadata/apex')
    const deploy = async (version: string) => {
      const files = filesBelow(join(directory, version))
      const zip = zipSync(Object.fromEntries(files.map((file) => [file, readFileSync(join(directory, version, file))])))
      const { id } = await salesforce.mayfly.upload(zip)
      return resultOf<DeployResult>({ kind: 'deploy.run', input: { org: 'prod', upload: id, ...quick } })
    }
    await deploy('v0')
    expect(org.metadata.get('ApexClass', 'DeleteMe')).toBeDefined()
    await deploy('expected')
    const files = filesBelow(join(directory, 'v1')).filter((file) => file.startsWith('classes/'))
    for (const file of files) {
      const name = basename(file).split('.')[0] ?? ''
      const stored = org.metadata.get('ApexClass', name)?.files.get(file)
      expect([file, stored && readFileSync(join(directory, 'v1', file)).equals(stored)]).toEqual([file, true])
    }
    expect(org.metadata.get('ApexClass', 'DeleteMe')).toBeUndefined()
  })
})
