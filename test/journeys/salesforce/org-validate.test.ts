/** A whole org looked at, and how far it is from the sources, against an emulated one. */
import { zipSync } from 'fflate'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ContractTask } from '../../../src/contract/task.ts'
import type { DriftResult } from '../../../workers/drift/input.ts'
import type { ValidateOrgResult } from '../../../workers/org-validate/input.ts'
import { lostResponse, maintenance } from '../../emulator/fault-actions.ts'
import type { Subject } from '../../emulator/faults.ts'
import type { EmulatedOrg } from '../../emulator/org.ts'
import { quick, startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'
import { alsoInMatrix } from './support/also-in-matrix.ts'

let salesforce: TestSalesforce
let org: EmulatedOrg
let upload: string

const meta = (type: string, inner = '<apiVersion>62.0</apiVersion>') =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${type} xmlns="http://soap.sforce.com/2006/04/metadata">${inner}</${type}>\n`

const shop = 'public with sharing class Shop {\n  public Integer sell() {\n    return 1;\n  }\n}\n'
const shopTest =
  '@IsTest\nprivate class ShopTest {\n  @IsTest\n  static void sells() {\n    new Shop().sell();\n  }\n}\n'
const field = (name: string) => `<fullName>${name}__c</fullName><label>${name}</label><type>Checkbox</type>`

const project = {
  'sfdx-project.json': JSON.stringify({ packageDirectories: [{ path: 'app' }], sourceApiVersion: '62.0' }),
  'app/classes/Shop.cls': shop,
  'app/classes/Shop.cls-meta.xml': meta('ApexClass'),
  'app/classes/ShopTest.cls': shopTest,
  'app/classes/ShopTest.cls-meta.xml': meta('ApexClass'),
  'app/objects/Shop__c/Shop__c.object-meta.xml': meta('CustomObject', '<label>Shop</label>'),
  'app/objects/Shop__c/fields/Open__c.field-meta.xml': meta('CustomField', field('Open')),
  'app/objects/Shop__c/fields/New__c.field-meta.xml': meta('CustomField', field('New')),
}

/** As somebody left the org: a class and a field changed by hand, and one of each that the sources do not have. */
const inOrg = {
  'classes/Shop.cls': shop.replace('return 1', 'return 2'),
  'classes/Shop.cls-meta.xml': meta('ApexClass'),
  'classes/ShopTest.cls': shopTest,
  'classes/ShopTest.cls-meta.xml': meta('ApexClass'),
  'classes/Hotfix.cls': 'public class Hotfix {}\n',
  'classes/Hotfix.cls-meta.xml': meta('ApexClass'),
  'objects/Shop__c.object': meta(
    'CustomObject',
    `\n  <fields>${field('Old')}</fields>\n  <fields>${field('Open')}</fields>\n  <label>Shop</label>\n`,
  ),
}

beforeAll(async () => {
  const preemption = { exemptSeconds: 0, most: 1 }
  salesforce = await startSalesforce({ config: { sharedSlots: 3, criticalSlots: 0, preemption } })
  org = salesforce.org('prod')
  org.metadata.add(inOrg)
  const files = Object.entries(project).map(([path, text]) => [path, Buffer.from(text)] as const)
  upload = (await salesforce.mayfly.upload(zipSync(Object.fromEntries(files)))).id
})
afterEach(() => {
  salesforce.emulator.faults.clear()
  org.deployRules.clear()
  org.deployments.isHeld = false
})
afterAll(() => salesforce.close())

const retry = { maxAttempts: 5, backoffSeconds: 0.05 }
const drift = (input: object = {}) => ({
  kind: 'metadata.drift',
  input: { org: 'prod', upload, ...quick, ...input },
  retry,
})
const validate = (input: object = {}) => ({
  kind: 'org.validate',
  input: { org: 'prod', upload, ...quick, ...input },
  retry,
})
const isCall = (name: string) => (subject: Subject) => subject.call === name

function expectGood<Result>({ state, error, result }: ContractTask): Result {
  expect([state, error]).toEqual(['succeeded', null])
  return result as Result
}

const text = async (id: string, name: string) =>
  (await salesforce.mayfly.call('GET', `/tasks/${id}/artifacts/${name}`)).text()

const childrenOf = async (id: string) =>
  (await salesforce.mayfly.get<{ items: ContractTask[] }>('/tasks?limit=100')).items.filter(
    ({ parent }) => parent === id,
  )

async function childOf(id: string, kind: string): Promise<string> {
  const found = async () => (await childrenOf(id)).find((one) => one.kind === kind)?.id
  await expect.poll(found, { interval: 100 }).toBeDefined()
  return (await found()) ?? ''
}

async function untilDeploying(): Promise<{ id: string; child: string }> {
  org.deployments.isHeld = true
  const { id } = await salesforce.mayfly.submit(validate())
  const child = await childOf(id, 'deploy.validate')
  await salesforce.mayfly.until(child, ({ type, data }) => type === 'task.progress' && data.phase === 'deploying')
  return { id, child }
}

const expectDrift = (result: DriftResult) =>
  expect(result.drifts.map(({ what, type, name, detail, file }) => [what, type, name, detail, file])).toEqual([
    ['only-there', 'ApexClass', 'Hotfix', null, null],
    ['changed', 'ApexClass', 'Shop', 'from line 3 on', 'app/classes/Shop.cls'],
    ['only-here', 'CustomField', 'Shop__c.New__c', null, 'app/objects/Shop__c/fields/New__c.field-meta.xml'],
    ['only-there', 'CustomField', 'Shop__c.Old__c', null, null],
  ])

describe('metadata.drift', () => {
  it('says what is another in the org, only in the sources or only there', async () => {
    const task = await salesforce.run(drift())
    const result = expectGood<DriftResult>(task)
    expectDrift(result)
    expect(result).toMatchObject({ same: 3, changed: 1, onlyHere: 1, onlyThere: 2 })
    expect(await text(task.id, 'summary.md')).toContain('| changed | ApexClass | Shop | from line 3 on |')
    const failing = await salesforce.run(drift({ failOn: 'any', ignore: ['CustomField:*', '*:Hotfix'] }))
    expect(failing.error).toMatchObject({ code: 'DRIFTED', retryable: false })
    expect(failing.error?.message).toMatch(/3 components are the same, 1 are changed there, 0 are not there/)
  })

  it.each(['retrieve', 'checkRetrieveStatus', 'listMetadata'])(
    'says the same when its worker is killed at %s',
    async (call) => {
      const task = await salesforce.runKilled(drift(), { match: isCall(call) })
      expectDrift(expectGood<DriftResult>(task))
      expect(task.attempt).toBe(2)
    },
  )

  alsoInMatrix('goes on through an answer that is lost and an org that is away', async () => {
    salesforce.emulator.faults.add({ match: isCall('retrieve'), action: lostResponse })
    salesforce.emulator.faults.add({ match: isCall('checkRetrieveStatus'), action: maintenance, times: 2 })
    expectDrift(expectGood<DriftResult>(await salesforce.run(drift())))
  })
})

describe('org.validate', () => {
  it('looks at all of an org at once, and makes one report with a score of it', async () => {
    const task = await salesforce.run(validate())
    const { score, steps, findings } = expectGood<ValidateOrgResult>(task)
    expect(steps.map(({ key, isGood }) => [key, isGood])).toEqual([
      ['health', true],
      ['config', true],
      ['drift', true],
      ['deploy', true],
    ])
    expect(steps[2]).toMatchObject({ says: '3 the same, 1 changed there, 1 not there, 2 only there', score: 43 })
    expect(score).toBeGreaterThan(70)
    expect(score).toBeLessThan(90)
    expect(findings).toContainEqual(
      expect.objectContaining({
        step: 'drift',
        rule: 'drift/only-there',
        message: expect.stringMatching(/^ApexClass Hotfix is in/),
      }),
    )
    expect(await text(task.id, 'summary.md')).toContain(`Score ${score} of 100`)
    expect(JSON.parse(await text(task.id, 'report.json'))).toMatchObject({ score, commit: null })
    const low = await salesforce.run(validate({ tests: 'none', minScore: 99 }))
    expect(low.error).toMatchObject({ code: 'ORG_NOT_GOOD' })
    expect(low.error?.message).toMatch(/and 99 are asked for/)
  })

  it('says what all steps came to when one of them fails', async () => {
    org.deployRules.failTest('ShopTest.sells', { message: 'no stock' })
    const task = await salesforce.run(validate({ failOn: 'never' }))
    const { steps, score } = expectGood<ValidateOrgResult>(task)
    expect(steps.map(({ key, state }) => [key, state])).toEqual([
      ['health', 'succeeded'],
      ['config', 'succeeded'],
      ['drift', 'succeeded'],
      ['deploy', 'failed'],
    ])
    expect(steps[3]?.says).toMatch(/no stock/)
    expect(score).toBeLessThan(50)
    org.deployRules.failTest('ShopTest.sells', { message: 'no stock' })
    const failed = await salesforce.run(validate())
    expect(failed.error).toMatchObject({ code: 'ORG_NOT_GOOD', retryable: false })
    expect(failed.error?.message).toMatch(/^org prod: Validation: .*no stock.*summary\.md has all/)
  })

  it('runs the tests that the org has where there are no sources', async () => {
    const task = await salesforce.run({ ...validate(), input: { org: 'prod', ...quick } })
    const { steps } = expectGood<ValidateOrgResult>(task)
    expect(steps.map(({ key, isGood }) => [key, isGood])).toEqual([
      ['health', true],
      ['config', true],
      ['tests', true],
    ])
    expect(steps[2]?.says).toMatch(/1 of 1 test passed/)
  })

  alsoInMatrix(
    'goes on after a restart in the middle, and after a step was preempted: the org validates once',
    async () => {
      const count = org.deployments.all.length
      const { id, child } = await untilDeploying()
      await salesforce.restart()
      const others = await Promise.all(
        [1, 2, 3].map(() => salesforce.mayfly.submit({ kind: 'exec', input: { command: ['sleep', '2'] } })),
      )
      await salesforce.mayfly.until(child, ({ type, data }) => type === 'task.requeued' && data.cause === 'preempted')
      org.deployments.isHeld = false
      await Promise.all(others.map((one) => salesforce.mayfly.settled(one.id)))
      expectGood<ValidateOrgResult>(await salesforce.mayfly.settled(id))
      expect(org.deployments.all.length).toBe(count + 1)
    },
  )

  it('takes its steps along when it is cancelled, in the org too', async () => {
    const { id, child } = await untilDeploying()
    await salesforce.mayfly.cancel(id)
    expect(await salesforce.mayfly.settled(id)).toMatchObject({ state: 'cancelled' })
    expect(await salesforce.mayfly.settled(child)).toMatchObject({ state: 'cancelled' })
    await expect.poll(() => org.deployments.all.at(-1)?.frame?.status, { timeout: 20_000 }).toBe('Canceled')
  })
})
