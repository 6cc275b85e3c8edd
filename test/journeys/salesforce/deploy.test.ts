/** Kinds that deploy, against an emulated org: what they do there, and that they do it once whoever dies meanwhile. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { zipSync } from 'fflate'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ContractTask } from '../../../src/contract/task.ts'
import type { DeployResult } from '../../../workers/deploy/report/result.ts'
import {
  concurrentLimit,
  dailyLimit,
  expiredAfterAnother,
  lostResponse,
  maintenance,
  maintenancePage,
  poisonedPoll,
  refusedWith,
  resetBeforeHeaders,
  resetMidBody,
} from '../../emulator/fault-actions.ts'
import type { Subject } from '../../emulator/faults.ts'
import { optionsOf } from '../../emulator/metadata/options.ts'
import type { EmulatedOrg } from '../../emulator/org.ts'
import { mayfly } from '../../faces/cli/fixtures/cli.ts'
import { killWorkers, quick, startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'
import { sessionTextOf } from '../../fixtures/session.ts'
import { alsoInMatrix } from './support/also-in-matrix.ts'

let salesforce: TestSalesforce
let org: EmulatedOrg
let upload: string

const published = '@salesforce/webapp-template-app-react-sample-b2x-experimental'
const twoSlots = { sharedSlots: 2, criticalSlots: 0, preemption: { exemptSeconds: 0, most: 1 } }
const foreign = optionsOf({ singlePackage: true })

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
  salesforce = await startSalesforce({ config: twoSlots })
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
  return { kind, input: { org: 'prod', upload, ...quick, ...input }, retry: { maxAttempts: 5, backoffSeconds: 0.05 } }
}

async function succeeded(task: Promise<ContractTask>): Promise<DeployResult> {
  const { state, error, result } = await task
  expect([state, error]).toEqual(['succeeded', null])
  return result as unknown as DeployResult
}

async function failed(task: Promise<ContractTask>) {
  const { id, state, error } = await task
  expect(state).toBe('failed')
  return { id, code: error?.code, message: error?.message ?? '' }
}

async function artifact(id: string, name: string): Promise<string> {
  const response = await salesforce.mayfly.call('GET', `/tasks/${id}/artifacts/${name}`)
  return response.text()
}

const isCall = (name: string) => (subject: Subject) => subject.call === name
const isLook = isCall('checkDeployStatus')
const phasesOf = async (id: string) =>
  (await salesforce.mayfly.events(id)).filter(({ type }) => type === 'task.progress').map(({ data }) => data.phase)

/** Deployments that the org got meanwhile. */
function counted() {
  const before = org.deployments.all.length
  return () => org.deployments.all.length - before
}

describe('deploy.run', () => {
  it('deploys a project in source format, and says how far it is and what came of it', async () => {
    const count = counted()
    const task = await salesforce.run(ask('deploy.run', { testLevel: 'RunLocalTests' }))
    const result = await succeeded(Promise.resolve(task))
    expect(result).toMatchObject({
      status: 'Succeeded',
      checkOnly: false,
      components: { total: 4, deployed: 4, errors: 0 },
      tests: { total: 1, passed: 1, failed: 0 },
      findings: [],
      zip: { format: 'source', files: 6 },
      quickDeployUntil: null,
    })
    expect(count()).toBe(1)
    const { files } = org.metadata.get('ApexClass', 'Shop') ?? {}
    expect(files?.get('classes/Shop.cls')).toEqual(Buffer.from(shop['app/classes/Shop.cls']))
    expect(new Set(await phasesOf(task.id))).toEqual(
      new Set(['fetching', 'packing', 'waiting in org queue', 'deploying', 'testing', 'finalizing', 'collecting']),
    )
    expect(await artifact(task.id, 'summary.md')).toContain('1 of 1 tests passed')
    expect(await artifact(task.id, 'junit.xml')).toContain('<testcase classname="ShopTest" name="sells"')
  })

  it('goes by REST where it is told to, and where the org issues JWTs, which SOAP refuses', async () => {
    const before = salesforce.emulator.requests.length
    await succeeded(salesforce.run(ask('deploy.run', { transport: 'rest' })))
    org.sessions.format = 'jwt'
    org.expireSessions()
    await succeeded(salesforce.run(ask('deploy.validate')))
    org.sessions.format = 'opaque'
    org.expireSessions()
    expect(salesforce.emulator.requests.slice(before).filter(({ url }) => url.includes('/Soap/'))).toEqual([])
  })

  it('waits for deployments of others, or fails at once where it is told to', async () => {
    const other = org.deployments.addForeign(Buffer.from(pack({ 'package.xml': '<Package/>' })), foreign)
    org.deployments.isHeld = true
    const { message, code } = await failed(salesforce.run(ask('deploy.run', { onConflict: 'fail' })))
    expect([code, message]).toEqual(['ORG_BUSY', expect.stringContaining(`is busy with deployment ${other.id}`)])
    const { id } = await salesforce.mayfly.submit(ask('deploy.run'))
    await salesforce.mayfly.until(id, ({ data }) => data.phase === 'waiting in org queue')
    org.deployments.isHeld = false
    expect(await salesforce.mayfly.settled(id)).toMatchObject({ state: 'succeeded' })
  })

  it('is one at a time for each org', async () => {
    const ids = await Promise.all([1, 2].map(async () => (await salesforce.mayfly.submit(ask('deploy.run'))).id))
    for (const id of ids) expect(await salesforce.mayfly.settled(id)).toMatchObject({ state: 'succeeded' })
    expect(salesforce.emulator.complaints()).toEqual([])
  })

  it('waits for one that goes on in the org between two attempts of its task, and for one by another alias', async () => {
    const { store, mayfly } = salesforce
    await store('org/twin/login', org.login('refreshToken'))
    await store('org/twin/session', sessionTextOf(org))
    org.deployments.isHeld = true
    const first = await mayfly.submit({ ...ask('deploy.run'), retry: { maxAttempts: 5, backoffSeconds: 2 } })
    await mayfly.until(first.id, ({ data }) => data.phase === 'deploying')
    // Its own key is free until its next attempt.
    killWorkers(mayfly, first.id)
    await mayfly.untilType(first.id, 'task.retrying')
    const others = await Promise.all([
      mayfly.submit(ask('deploy.run')),
      mayfly.submit(ask('deploy.validate', { org: 'twin' })),
      mayfly.submit({ ...ask('deploy.run', { org: 'other' }), secrets: { session: 'vault:org/twin/session' } }),
    ])
    for (const { id } of others) await mayfly.until(id, ({ data }) => data.phase === 'waiting for another task')
    const [, twin] = others
    const told = (await mayfly.texts(twin?.id ?? '')).join('\n')
    expect(told).toContain(`org twin: the deployment of task ${first.id} (there it is called prod) is not at its end`)
    await mayfly.cancel(twin?.id ?? '')
    org.deployments.isHeld = false
    expect(await mayfly.settled(twin?.id ?? '')).toMatchObject({ state: 'cancelled' })
    for (const { id } of [first, ...others.filter((one) => one !== twin)])
      expect(await mayfly.settled(id)).toMatchObject({ state: 'succeeded', error: null })
    expect(salesforce.emulator.complaints()).toEqual([])
  })

  it('counts the calls of all its attempts', async () => {
    const before = salesforce.emulator.requests.length
    const task = await salesforce.runKilled(ask('deploy.run'), { match: isLook, times: 2 })
    const result = await succeeded(Promise.resolve(task))
    const calls = salesforce.emulator.requests.slice(before).filter(({ status }) => status > 0).length
    expect([task.attempt, result.apiUsage.calls]).toEqual([3, calls])
  })
})

describe('deploy.validate', () => {
  it('fails with what is wrong, by the files of the project, and changes nothing', async () => {
    const files = { ...shop, 'app/classes/New.cls': 'class New {\n', 'app/classes/New.cls-meta.xml': meta('ApexClass') }
    org.deployRules.fail('Shop__c.Size__c', { problem: 'Cannot change the type', lineNumber: 6, columnNumber: 5 })
    const { id } = await salesforce.mayfly.upload(pack(files))
    const task = await failed(salesforce.run(ask('deploy.validate', { upload: id })))
    expect(task.code).toBe('DEPLOY_FAILED')
    expect(task.message).toMatch(
      /^org prod: the validation 0Af\w+ ended as Failed: app\/\S+:\d+: .* \(and 1 more, in the log/,
    )
    expect(JSON.parse(await artifact(task.id, 'deploy.validate.json'))).toEqual([
      expect.objectContaining({ file: 'app/classes/New.cls', line: 2, rule: 'ApexClass', severity: 'error' }),
      expect.objectContaining({ rule: 'CustomField', message: expect.stringContaining('Cannot change the type') }),
    ])
    expect(org.metadata.get('ApexClass', 'New')).toBeUndefined()
  })

  it('fails for tests that fail, beside their lines, and for too little coverage', async () => {
    org.deployRules.failTest('ShopTest.sells', {
      message: 'System.AssertException: Assertion Failed',
      stackTrace: 'Class.ShopTest.sells: line 4, column 1',
    })
    const input = { testLevel: 'RunSpecifiedTests', runTests: ['ShopTest'] }
    const { id } = await failed(salesforce.run(ask('deploy.validate', input)))
    expect(JSON.parse(await artifact(id, 'deploy.validate.json'))).toEqual([
      expect.objectContaining({ file: 'app/tests/ShopTest.cls', line: 4, rule: 'test' }),
    ])
    org.deployRules.clear()
    org.deployRules.cover('Shop', 80)
    const short = await failed(salesforce.run(ask('deploy.validate', { ...input, coverage: { perClass: 90 } })))
    expect([short.code, short.message]).toEqual([
      'COVERAGE_TOO_LOW',
      expect.stringContaining('app/classes/Shop.cls:1: tests reach 80 % of Shop, 90 % are asked for'),
    ])
  })

  it('is made real by deploy.quick, without its tests', async () => {
    const files = {
      ...shop,
      'app/classes/Later.cls': 'class Later {}',
      'app/classes/Later.cls-meta.xml': meta('ApexClass'),
    }
    const { id: upload } = await salesforce.mayfly.upload(pack(files))
    const validated = await succeeded(salesforce.run(ask('deploy.validate', { upload, testLevel: 'RunLocalTests' })))
    expect(Date.parse(validated.quickDeployUntil ?? '')).toBeGreaterThan(Date.now())
    expect(org.metadata.get('ApexClass', 'Later')).toBeUndefined()
    const input = { org: 'prod', ...quick, validationId: validated.id }
    const deployed = await succeeded(salesforce.run({ kind: 'deploy.quick', input }))
    expect(deployed).toMatchObject({ status: 'Succeeded', checkOnly: false, zip: null, tests: { total: 0 } })
    expect(deployed.id).not.toBe(validated.id)
    expect(org.metadata.get('ApexClass', 'Later')).toBeDefined()
    const again = await failed(salesforce.run({ kind: 'deploy.quick', input: { ...input, validationId: deployed.id } }))
    expect(again.message).toMatch(/^org prod, while submitting the quick deployment: .*it is not a validation.*Correct/)
  })

  it('is made real by the name of its task, too, and by that of no other', async () => {
    const input = { testLevel: 'RunLocalTests' }
    const validation = await salesforce.run(ask('deploy.validate', input))
    const validated = await succeeded(Promise.resolve(validation))
    const ofTask = (task: string) => ({ kind: 'deploy.quick', input: { org: 'prod', ...quick, fromTask: task } })
    const deployed = await salesforce.run(ofTask(validation.id))
    const { id } = await succeeded(Promise.resolve(deployed))
    expect(id).not.toBe(validated.id)
    expect(await failed(salesforce.run(ofTask(deployed.id)))).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(`task ${deployed.id} is no validation that ended well`),
    })
    for (const both of [{}, { fromTask: validation.id, validationId: validated.id }]) {
      const odd = await failed(salesforce.run({ kind: 'deploy.quick', input: { org: 'prod', ...quick, ...both } }))
      expect(odd).toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('give one of them') })
    }
  })

  it('says before the upload what could not go well', async () => {
    const before = org.api.used
    expect((await failed(salesforce.run(ask('deploy.validate', { runTests: ['A'] })))).message).toMatch(
      /^runTests needs "testLevel": "RunSpecifiedTests"/,
    )
    // The versions that it has.
    expect(org.api.used - before).toBeLessThanOrEqual(1)
  })
})

describe('a deployment', () => {
  const isDeploy = isCall('deploy')

  alsoInMatrix('is submitted once when its worker dies before the org has it', async () => {
    const count = counted()
    const task = await salesforce.runKilled(ask('deploy.run'), { match: isDeploy })
    expect([task.state, task.attempt, count()]).toEqual(['succeeded', 2, 1])
  })

  it('is submitted once when its worker dies after that, and before it knows', async () => {
    const count = counted()
    const task = await salesforce.runKilled(ask('deploy.run'), { match: isDeploy, isDone: true })
    expect([task.state, task.attempt, count()]).toEqual(['succeeded', 2, 1])
    expect(await salesforce.mayfly.texts(task.id, 'log')).toContainEqual(
      expect.stringMatching(/had arrived, it goes on/),
    )
  })

  it('goes on when its worker dies while it looks, again and again', async () => {
    const count = counted()
    const task = await salesforce.runKilled(ask('deploy.validate'), { match: isLook, times: 2, after: 1 })
    expect([task.state, task.attempt, count()]).toEqual(['succeeded', 3, 1])
  })

  alsoInMatrix(
    'is submitted once when the answer to its submission is lost, and where nothing had arrived',
    async () => {
      const count = counted()
      const { faults } = salesforce.emulator
      faults.add({ match: isDeploy, action: lostResponse })
      await succeeded(salesforce.run(ask('deploy.run')))
      expect(count()).toBe(1)
      faults.add({ match: isDeploy, action: resetBeforeHeaders })
      await succeeded(salesforce.run(ask('deploy.validate')))
      expect(count()).toBe(2)
      faults.add({
        match: ({ path, method }) => method === 'POST' && path.endsWith('/deployRequest'),
        action: lostResponse,
      })
      await succeeded(salesforce.run(ask('deploy.run', { transport: 'rest' })))
      expect([count(), faults.waiting]).toEqual([3, 0])
    },
  )

  it('is submitted anew when the org has refused it: one that is there since is that of somebody else', async () => {
    const count = counted()
    salesforce.emulator.faults.add({ match: isDeploy, action: expiredAfterAnother })
    await succeeded(salesforce.run(ask('deploy.run')))
    expect(count()).toBe(2)
    // The emulator takes both for ours.
    expect(org.complaints.splice(0)).toEqual([expect.stringContaining('was submitted while')])
  })

  alsoInMatrix('goes on when the orchestrator starts again in the middle', async () => {
    const count = counted()
    org.deployments.isHeld = true
    const { id } = await salesforce.runUntil(ask('deploy.run'), isLook)
    await salesforce.restart()
    org.deployments.isHeld = false
    expect(await salesforce.mayfly.settled(id)).toMatchObject({ state: 'succeeded' })
    expect(count()).toBe(1)
  })

  it('is cancelled in the org, too', async () => {
    org.deployments.isHeld = true
    const { id } = await salesforce.runUntil(ask('deploy.run'), isLook)
    await salesforce.mayfly.cancel(id)
    expect(await salesforce.mayfly.settled(id)).toMatchObject({ state: 'cancelled' })
    expect(org.deployments.all.at(-1)?.frame?.status).toBe('Canceled')
    expect(await salesforce.mayfly.texts(id, 'log')).toContainEqual(
      expect.stringMatching(/0Af\w+ is Canceled in the org/),
    )
  })

  alsoInMatrix('goes on in the org while its task makes room for another', async () => {
    const count = counted()
    org.deployments.isHeld = true
    const { mayfly: server } = salesforce
    const other = await server.submit({ kind: 'exec', input: { command: ['sleep', '300'] } })
    const { id } = await salesforce.runUntil({ ...ask('deploy.run'), pool: 'batch' }, isLook)
    await server.run({ kind: 'exec', pool: 'critical', input: { command: ['true'] } })
    await server.until(id, ({ type, data }) => type === 'task.requeued' && data.cause === 'preempted')
    expect(org.deployments.all.at(-1)?.cancelAskedBy).toBeNull()
    org.deployments.isHeld = false
    expect(await server.settled(id)).toMatchObject({ state: 'succeeded', preemptions: 1 })
    expect(count()).toBe(1)
    await server.cancel(other.id)
  })

  alsoInMatrix('is looked at again through whatever comes between', async () => {
    const count = counted()
    const { faults } = salesforce.emulator
    for (const action of [maintenance, maintenancePage, resetBeforeHeaders, resetMidBody(200), concurrentLimit])
      faults.add({ match: isLook, action })
    faults.add({ match: isDeploy, action: concurrentLimit })
    faults.add({ match: isDeploy, action: refusedWith(400, 'ALREADY_IN_PROCESS', 'already been locked') })
    await succeeded(salesforce.run(ask('deploy.run')))
    expect([count(), faults.waiting]).toEqual([1, 0])
  })

  alsoInMatrix('goes on later where the org has no calls left today', async () => {
    const count = counted()
    salesforce.emulator.faults.add({ match: isLook, action: dailyLimit })
    const task = await salesforce.run(ask('deploy.run', { limitWaitSeconds: 0.1 }))
    expect([task.state, task.attempt, count()]).toEqual(['succeeded', 2, 1])
  })

  alsoInMatrix('goes on with a new session where its own has ended', async () => {
    const count = counted()
    org.deployments.isHeld = true
    const { id } = await salesforce.runUntil(ask('deploy.run'), isLook)
    org.expireSessions()
    await salesforce.mayfly.until(id, ({ type }) => type === 'task.suspended')
    org.deployments.isHeld = false
    expect(await salesforce.mayfly.settled(id)).toMatchObject({ state: 'succeeded' })
    expect(count()).toBe(1)
  })

  it('fails with Salesforce’s own words where the org knows nothing of it any more', async () => {
    salesforce.emulator.faults.add({ match: isLook, action: poisonedPoll })
    const { message } = await failed(salesforce.run(ask('deploy.run')))
    expect(message).toMatch(/^org prod, while looking at the deployment 0Af\w+: .*INVALID_CROSS_REFERENCE_KEY/)
    while (org.deployments.all.at(-1)?.endedAtMs === null) org.deployments.tick()
  })
})

describe('a project that nobody here wrote', () => {
  const directory = join(dirname(createRequire(import.meta.url).resolve(`${published}/package.json`)), 'dist')
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
  const bytesOf = (file: string) => readFileSync(join(directory, file))
  // Of these types, the first is no longer one, and the other not emulated.
  const exclude = ['**/webapplications', '**/digitalExperiences']
  // As it was published, it is no XML: "HVAC (Heating & Cooling)".
  const broken = 'force-app/main/default/objects/Maintenance_Worker__c/fields/Type__c.field-meta.xml'
  let project: string

  beforeAll(async () => {
    const packed = zipSync(Object.fromEntries(files.map((file) => [file, bytesOf(file)])), { level: 1 })
    project = (await salesforce.mayfly.upload(packed)).id
  })

  it('has a fault, which is found beside its line', async () => {
    const { id, message } = await failed(salesforce.run(ask('deploy.validate', { upload: project, exclude })))
    expect(message).toContain(`${broken}:31: `)
    expect(JSON.parse(await artifact(id, 'deploy.validate.json'))).toHaveLength(1)
  })

  it('arrives in the org byte for byte without it', async () => {
    const result = await succeeded(
      salesforce.run(ask('deploy.run', { upload: project, exclude: [...exclude, broken] })),
    )
    expect(result.components.total).toBeGreaterThan(150)
    const sources = files.filter((file) => /\.(cls|trigger)(-meta\.xml)?$/.test(file))
    expect(sources.length).toBeGreaterThan(10)
    for (const file of sources) {
      const [name = '', type = ''] = basename(file).split('.')
      const [kind, folder] = type.startsWith('cls') ? ['ApexClass', 'classes'] : ['ApexTrigger', 'triggers']
      const stored = org.metadata.get(kind, name)?.files.get(`${folder}/${basename(file)}`)
      expect([file, stored !== undefined && bytesOf(file).equals(stored)]).toEqual([file, true])
    }
  })
})

describe('a pipeline', () => {
  it('shows what a validation has found, beside its lines', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mayfly-deploy-'))
    try {
      for (const [path, text] of Object.entries(shop)) {
        mkdirSync(join(directory, 'shop', dirname(path)), { recursive: true })
        writeFileSync(join(directory, 'shop', path), text)
      }
      org.deployRules.fail('Shop', { problem: 'Variable does not exist: x', lineNumber: 3, columnNumber: 5 })
      const { url, token } = salesforce.mayfly
      const env = { MAYFLY_URL: url, MAYFLY_TOKEN: token, GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: directory }
      const args = ['run', 'deploy.validate', '--upload', 'shop', '--set', 'org=prod', '--set', 'pollSeconds=0.02']
      const { code, stdout } = await mayfly([...args, '--sarif', 'found.sarif'], { env, cwd: directory })
      expect(code).toBe(1)
      expect(stdout).toContain(
        '::error file=shop/app/classes/Shop.cls,line=3,col=5,title=ApexClass::Variable does not exist: x\n',
      )
      expect(readFileSync(join(directory, 'found.sarif'), 'utf8')).toContain('"uri":"shop/app/classes/Shop.cls"')
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
})
