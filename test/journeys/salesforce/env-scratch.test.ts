/** Scratch orgs: made once whoever dies meanwhile, opened, prepared by tasks of other kinds, and deleted when that fails. */
import { zipSync } from 'fflate'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ContractTask } from '../../../src/contract/task.ts'
import type { JsonObject } from '../../../src/task/json.ts'
import type { EnvResult } from '../../../workers/environments/input.ts'
import { json } from '../../emulator/answer.ts'
import {
  concurrentLimit,
  expiredSession,
  gone,
  lostResponse,
  maintenance,
  resetBeforeHeaders,
} from '../../emulator/fault-actions.ts'
import type { Subject } from '../../emulator/faults.ts'
import type { EmulatedOrg } from '../../emulator/org.ts'
import { quick, startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'
import { alsoInMatrix } from './support/also-in-matrix.ts'

let salesforce: TestSalesforce
let hub: EmulatedOrg
let number = 0

beforeAll(async () => {
  salesforce = await startSalesforce({
    orgs: [{ name: 'hub' }],
    config: { sharedSlots: 2, criticalSlots: 0, preemption: { exemptSeconds: 0, most: 1 } },
  })
  hub = salesforce.org('hub')
})

afterEach(() => {
  expect(salesforce.emulator.faults.waiting).toBe(0)
  hub.scratchOrgs.pace.creating = 1
})

afterAll(() => salesforce.close())

function ask(input: JsonObject = {}, more: object = {}) {
  number += 1
  const scratch = { definition: { edition: 'Developer', orgName: `Feature ${number}` } }
  const alias = `feature${number}`
  return { kind: 'env.prepare', input: { org: 'hub', alias, scratch, ...quick, ...input }, ...more }
}

async function ready(request: Promise<ContractTask>) {
  const task = await request
  expect([task.state, task.error]).toEqual(['succeeded', null])
  return { ...(task.result as unknown as EnvResult), task }
}

const texts = (id: string) => salesforce.mayfly.texts(id, 'log')
const requests = () => hub.rows.all('ScratchOrgInfo')
const orgOf = ({ orgId }: EnvResult) => {
  const found = hub.scratchOrgs.all.find(({ id }) => id.startsWith(orgId ?? '?'))
  if (!found) throw new Error(`there is no scratch org ${orgId}`)
  return found
}

const isCreation = ({ method, path }: Subject) => method === 'POST' && path.endsWith('/sobjects/ScratchOrgInfo')
const isLook = ({ url }: Subject) => /Status.*FROM(%20|\+)ScratchOrgInfo/.test(url)
const isOpening = ({ call }: Subject) => call === 'authorization_code'

describe('env.prepare of a scratch org', () => {
  it('makes, opens and prepares it, and stores its login where other kinds find it', async () => {
    const versionId = hub.packages.publish({ name: 'Tool' })
    // What a package needs to be there, is there as soon as the org is.
    salesforce.emulator.faults.add({
      match: isOpening,
      action: (org, _request, genuine) => {
        const version = hub.rows.get('SubscriberPackageVersion', versionId)
        if (version) org.rows.insert('SubscriberPackageVersion', { ...version, SubscriberPackageId: null })
        org.rows.insert('PermissionSet', { Name: 'Sales' })
        return genuine()
      },
    })
    const meta = '<ApexClass xmlns="http://soap.sforce.com/2006/04/metadata"><apiVersion>62.0</apiVersion></ApexClass>'
    const files = {
      'package.xml':
        '<Package xmlns="http://soap.sforce.com/2006/04/metadata"><types><members>Shop</members><name>ApexClass</name></types><version>62.0</version></Package>',
      'classes/Shop.cls': 'class Shop {}',
      'classes/Shop.cls-meta.xml': meta,
    }
    const zip = zipSync(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])))
    const upload = (await salesforce.mayfly.upload(zip)).id
    const csv = (await salesforce.mayfly.upload(Buffer.from('Name\nACME\n'))).id
    const settings = { lightningExperienceSettings: { enableS1DesktopEnabled: true } }
    const { task, ...result } = await ready(
      salesforce.run(
        ask({
          scratch: { definition: { edition: 'Developer', features: ['API'], settings }, durationDays: 2 },
          installs: { packages: [{ versionId }] },
          upload,
          permsets: ['Sales'],
          data: [{ object: 'Account', operation: 'insert', upload: csv }],
          apex: ["System.debug('ready');"],
        }),
      ),
    )
    const org = orgOf(result)
    expect(result).toMatchObject({ alias: 'feature1', state: 'ready', username: org.username, loginUrl: org.url })
    const names = result.steps.map(({ name }) => name)
    expect(names).toEqual(['create', 'login', 'settings', 'installs', 'deploy', 'permsets', 'data 1', 'apex 1'])
    expect(result.steps.map(({ task: one }) => one !== null)).toEqual(
      names.map((name) => /installs|deploy|data/.test(name)),
    )
    expect(org.metadata.get('Settings', 'LightningExperience')).toBeDefined()
    expect(org.metadata.get('ApexClass', 'Shop')).toBeDefined()
    expect(org.rows.all('InstalledSubscriberPackage')).toHaveLength(1)
    expect(org.rows.all('PermissionSetAssignment')).toHaveLength(1)
    expect(org.rows.all('Account').map(({ Name }) => Name)).toEqual(['ACME'])
    expect(org.anonymousApex).toEqual(["System.debug('ready');"])
    expect(requests().at(-1)).toMatchObject({ Features: 'API', DurationDays: 2 })
    const told = JSON.stringify([task, await salesforce.mayfly.events(task.id)])
    expect(told).not.toMatch(/aPrx|5Aep|!AQ/)
    const check = { kind: 'config.check', input: { org: 'feature1', failOn: 'never', rules: ['org/trial'] } }
    expect(await salesforce.run(check)).toMatchObject({ state: 'succeeded', result: { about: { name: org.name } } })
    org.expireSessions()
    expect(await salesforce.run(check)).toMatchObject({ state: 'succeeded', attempt: 2 })
  })

  it('opens it by the key of an app, where there is one', async () => {
    const { clientId } = hub.sessions.app
    const { privateKey: privateKeyPem } = hub.sessions.keys
    await salesforce.store('org/hub/app', JSON.stringify({ clientId, privateKeyPem }))
    const result = await ready(salesforce.run(ask()))
    expect(requests().at(-1)).toMatchObject({ ConnectedAppConsumerKey: clientId })
    expect(result.username).toBe(orgOf(result).username)
    await salesforce.mayfly.vault.delete('default', 'org/hub/app', Date.now())
  })

  it('asks for it once when its worker dies, and when answers are lost', async () => {
    const before = requests().length
    const { faults } = salesforce.emulator
    const undone = await salesforce.runKilled(ask(), { match: isCreation })
    const done = await salesforce.runKilled(ask(), { match: isCreation, isDone: true })
    const watched = await salesforce.runKilled(ask(), { match: isLook, times: 2 })
    for (const task of [undone, done, watched]) await ready(Promise.resolve(task))
    faults.add({ match: isCreation, action: lostResponse })
    await ready(salesforce.run(ask()))
    faults.add({ match: isCreation, action: resetBeforeHeaders })
    for (const action of [maintenance, concurrentLimit, resetBeforeHeaders, expiredSession])
      faults.add({ match: isLook, action })
    await ready(salesforce.run(ask()))
    expect(requests().length - before).toBe(5)
  })

  it('makes another one when what opens it was used and lost', async () => {
    const before = requests().length
    const task = await salesforce.runKilled(ask(), { match: isOpening, isDone: true })
    const result = await ready(Promise.resolve(task))
    expect([requests().length - before, result.orgId]).toEqual([2, orgOf(result).id.slice(0, 15)])
    expect(requests().at(-2)).toMatchObject({ Status: 'Deleted' })
    expect((await texts(task.id)).join('\n')).toContain('another one is made')
  })

  alsoInMatrix(
    'does each step in it once when its worker dies at the settings, and the answer to an assignment is lost',
    async () => {
      const { faults } = salesforce.emulator
      faults.add({
        match: isOpening,
        action: (org, _request, genuine) => {
          org.rows.insert('PermissionSet', { Name: 'Sales' })
          return genuine()
        },
      })
      faults.add({ match: ({ path }) => path.endsWith('/PermissionSetAssignment'), action: lostResponse })
      const definition = { edition: 'Developer', settings: { caseSettings: { systemUserEmail: 'a@example.com' } } }
      const request = ask({ scratch: { definition }, permsets: ['Sales'] })
      const task = await salesforce.runKilled(request, { match: ({ call }) => call === 'deploy', isDone: true })
      const org = orgOf(await ready(Promise.resolve(task)))
      expect([org.deployments.all.length, org.rows.all('PermissionSetAssignment').length]).toEqual([1, 1])
      faults.add({
        match: isOpening,
        action: (made, _request, genuine) => {
          made.deployRules.fail('Case', { problem: 'not allowed in this edition' })
          return genuine()
        },
      })
      expect((await salesforce.run(ask({ scratch: { definition } }))).error).toMatchObject({
        code: 'SETTINGS_REFUSED',
        message: expect.stringMatching(
          /^org feature\d+: the settings of the definition were refused: .*not allowed in this edition/,
        ),
      })
    },
  )

  it('waits for room without a process, and for the org itself', async () => {
    const { ActiveScratchOrgs = { Max: 0, Remaining: 0 } } = hub.limits
    hub.limits.ActiveScratchOrgs = { Max: 40, Remaining: 0 }
    const { id } = await salesforce.mayfly.submit(ask({ limitWaitSeconds: 0.2, suspendAfterSeconds: 0 }))
    await salesforce.mayfly.until(id, ({ data }) => data.phase === 'waiting for room')
    hub.limits.ActiveScratchOrgs = ActiveScratchOrgs
    const { task } = await ready(salesforce.mayfly.settled(id))
    const suspended = (await salesforce.mayfly.events(id)).filter(({ type }) => type === 'task.suspended')
    expect(suspended.length).toBeGreaterThanOrEqual(4)
    expect(task.attempt).toBe(suspended.length + 1)
  })

  it('asks again for what Salesforce failed to make, and says what to do about the rest', async () => {
    hub.scratchOrgs.failNext('S-9999')
    await ready(salesforce.run(ask()))
    hub.scratchOrgs.failNext('S-1006')
    const failed = await salesforce.run(ask())
    expect(failed.error).toMatchObject({
      code: 'SCRATCH_ORG_FAILED',
      message: `org hub: the scratch org ${requests().at(-1)?.Id} could not be made (S-1006): its definition names something that Salesforce does not know or does not allow, such as a country or an edition. Correct edition, features, country and language of the definition.`,
    })
    const nonsense = await salesforce.run(ask({ sandbox: { action: 'delete', name: 'x' } }))
    expect(nonsense.error?.message).toBe('give one thing to prepare: scratch or sandbox')
  })

  it('fails when the org that makes it is gone, in place of looking for ever', async () => {
    const { faults } = salesforce.emulator
    faults.add({ match: isLook, action: gone, times: Number.POSITIVE_INFINITY })
    const { state, error } = await salesforce.run(ask({}, { retry: { maxAttempts: 2, backoffSeconds: 0.05 } }))
    faults.clear()
    expect([state, error?.code]).toEqual(['failed', 'SERVER_TRANSIENT'])
    expect(error?.message).toMatch(/^org hub, while looking at the scratch org 2SR\w+: Salesforce answered 420/)
  })

  it('deletes it when a step fails, unless it is told to keep it', async () => {
    const failed = await salesforce.run(ask({ apex: ['System.assert(false);'] }))
    expect(failed.error?.message).toMatch(/apex 1 failed in line 1: System.AssertException/)
    expect(requests().at(-1)).toMatchObject({ Status: 'Deleted' })
    expect((await texts(failed.id)).join('\n')).toContain('is deleted')
    const kept = await salesforce.run(ask({ permsets: ['Nobody'], onFailure: 'keep' }))
    expect(kept.error?.message).toContain('has no permission set Nobody')
    expect(requests().at(-1)).toMatchObject({ Status: 'Active' })
  })

  it('runs a script once, or again where it is told that this does no harm', async () => {
    const isScript = ({ path }: Subject) => path.includes('executeAnonymous')
    const once = await salesforce.runKilled(ask({ apex: ['Integer a;'] }), { match: isScript, isDone: true })
    expect(once.error).toMatchObject({ code: 'APEX_UNSURE' })
    const input = { apex: ['Integer b;'], apexRepeatable: true }
    const result = await ready(salesforce.runKilled(ask(input), { match: isScript, isDone: true }))
    expect(orgOf(result).anonymousApex).toEqual(['Integer b;', 'Integer b;'])
  })

  it('goes on when the orchestrator starts again and when it makes way, and is deleted when it is cancelled', {
    timeout: 120_000,
  }, async () => {
    const before = requests().length
    hub.scratchOrgs.pace.creating = 1_000_000
    const { id } = await salesforce.runUntil(ask({}, { pool: 'batch' }), isLook)
    await salesforce.restart()
    const { mayfly } = salesforce
    const other = await mayfly.submit({ kind: 'exec', input: { command: ['sleep', '300'] } })
    await mayfly.until(id, ({ attempt, data }) => attempt === 2 && data.phase === 'making the scratch org')
    await mayfly.run({ kind: 'exec', pool: 'critical', input: { command: ['true'] } })
    await mayfly.until(id, ({ type, data }) => type === 'task.requeued' && data.cause === 'preempted')
    hub.scratchOrgs.pace.creating = 1
    await ready(mayfly.settled(id))
    await mayfly.cancel(other.id)
    hub.scratchOrgs.pace.creating = 1_000_000
    const cancelled = await salesforce.runUntil(ask(), isLook)
    await mayfly.cancel(cancelled.id)
    expect(await mayfly.settled(cancelled.id)).toMatchObject({ state: 'cancelled' })
    await mayfly.untilText(cancelled.id, 'is deleted')
    expect(requests().length - before).toBe(1)
  })
})

describe('a scratch org of a pool', () => {
  it('is available once all is done, and not before', async () => {
    const states: unknown[] = []
    salesforce.emulator.faults.add({
      match: isOpening,
      action: (_org, _request, genuine) => {
        states.push(requests().at(-1)?.Allocation_status__c)
        return genuine()
      },
    })
    const { task } = await ready(salesforce.run(ask({ pool: { tag: 'dev' }, apex: ["System.debug('x');"] })))
    expect(states).toEqual(['In Progress'])
    expect(requests().at(-1)).toMatchObject({ Pooltag__c: 'dev', Allocation_status__c: 'Available' })
    const { steps } = task.result as unknown as EnvResult
    expect(steps.map(({ name }) => name)).toEqual(['create', 'login', 'apex 1', 'pool'])
  })

  it("is nobody's when its preparation failed and it is kept", async () => {
    const input = { pool: { tag: 'dev' }, permsets: ['Nowhere'], onFailure: 'keep' }
    expect(await salesforce.run(ask(input))).toMatchObject({ state: 'failed' })
    expect(requests().at(-1)).toMatchObject({ Status: 'Active', Allocation_status__c: 'In Progress' })
  })

  it('is not made where the Dev Hub keeps no pools', async () => {
    const before = requests().length
    salesforce.emulator.faults.add({
      match: ({ path }) => path.endsWith('/sobjects/ScratchOrgInfo/describe'),
      action: () => json({ fields: [{ name: 'Id' }] }),
    })
    const { error } = await salesforce.run(ask({ pool: { tag: 'dev' } }))
    expect(error?.message).toBe(
      'org hub keeps no pools of scratch orgs: ScratchOrgInfo has no Pooltag__c and no Allocation_status__c. Add them there (a text, and a picklist with In Progress and Available), or leave out pool',
    )
    expect(requests()).toHaveLength(before)
    const sandbox = { action: 'create', name: 'uat', licenseType: 'DEVELOPER' }
    const asked = ask({ pool: { tag: 'dev' } })
    const { scratch: _, ...others } = asked.input
    expect((await salesforce.run({ ...asked, input: { ...others, sandbox } })).error?.message).toBe(
      'a pool holds scratch orgs: leave out pool, or ask for scratch',
    )
  })
})
