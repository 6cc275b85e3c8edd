/** Kinds that deploy, against an emulated org: what they do there, and that they do it once whoever dies meanwhile. */
import { zipSync } from 'fflate'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ContractTask } from '../../../src/contract/task.ts'
import type { DeployResult } from '../../../workers/deploy/report/result.ts'
import type { EmulatedOrg } from '../../emulator/org.ts'
import { quick, startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'

let salesforce: TestSalesforce
let org: EmulatedOrg
let upload: string

const meta = (type: string, inner = '') =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${type} xmlns="http://soap.sforce.com/2006/04/metadata">${inner}</${type}>\n`

const shop = {
  'sfdx-project.json': JSON.stringify({ packageDirectories: [{ path: 'app' }], sourceApiVersion: '62.0' }),
  'app/classes/Shop.cls': 'public class Shop {\n  public void sell() {\n    return;\n  }\n}\n',
  'app/classes/Shop.cls-meta.xml': meta('ApexClass', '<apiVersion>62.0</apiVersion>'),
  'app/tests/ShopTest.cls':
    '@IsTest\nclass ShopTest {\n  @IsTest static void sells() {\n    new Shop().sell();\n  }\n}\n',
  'app/tests/ShopTest.cls-meta.xml': meta('ApexClass', '<apiVersion>62.0</apiVersion>'),
  'app/objects/Shop__c/Shop__c.object-meta.xml': meta('CustomObject', '<label>Shop</label>'),
  'app/objects/Shop__c/fields/Size__c.field-meta.xml': meta('CustomField', '<fullName>Size__c</fullName>'),
}

function pack(files: Readonly<Record<string, string>>): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])))
}

beforeAll(async () => {
  salesforce = await startSalesforce()
  org = salesforce.org('prod')
  upload = (await salesforce.mayfly.upload(pack(shop))).id
})

afterEach(() => {
  salesforce.emulator.faults.clear()
  org.deployRules.clear()
  org.deployments.isHeld = false
})

afterAll(() => salesforce.close())

function ask(kind: string, input: object = {}) {
  return { kind, input: { org: 'prod', upload, ...quick, ...input } }
}

async function succeeded(task: Promise<ContractTask>): Promise<DeployResult> {
  const { state, error, result } = await task
  expect([state, error]).toEqual(['succeeded', null])
  return result as unknown as DeployResult
}

describe('deploy.run', () => {
  it('deploys a project in source format, byte for byte', async () => {
    const result = await succeeded(salesforce.run(ask('deploy.run', { testLevel: 'RunLocalTests' })))
    expect(result).toMatchObject({ status: 'Succeeded', tests: { total: 1, passed: 1 }, findings: [] })
    const stored = org.metadata.get('ApexClass', 'Shop')?.files.get('classes/Shop.cls')
    expect(stored?.toString()).toBe(shop['app/classes/Shop.cls'])
  })
})
