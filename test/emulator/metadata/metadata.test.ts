import type { Connection } from 'jsforce/lib/connection.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../connect.ts'
import { type Emulator, startEmulator } from '../emulator.ts'
import type { EmulatedOrg } from '../org.ts'
import { textOf, unzip, zip } from './archive.ts'
import { writeManifest } from './manifest.ts'
import { type DeployOptions, optionsOf } from './options.ts'

const version = '62.0'
let emulator: Emulator
let org: EmulatedOrg
let connection: Connection

beforeAll(async () => {
  emulator = await startEmulator({ orgs: [{ name: 'prod' }, { name: 'second' }] })
  org = emulator.org('prod')
  connection = connect(org)
})
afterAll(() => emulator.close())

describe('a deployment', () => {
  it('grows from poll to poll, and what it brought is there byte for byte', async () => {
    const id = await deploy({ testLevel: 'RunLocalTests' })
    const seen = await pollToEnd(id)
    expect(seen.map(({ status }) => status)).toEqual([
      'Pending',
      'InProgress',
      'InProgress',
      'InProgress',
      'InProgress',
      'InProgress',
      'FinalizingDeploy',
      'Succeeded',
    ])
    expect(seen.map(({ numberComponentsDeployed }) => numberComponentsDeployed)).toEqual([0, 0, 1, 2, 4, 4, 4, 4])
    expect(seen.at(-1)).toMatchObject({ numberTestsCompleted: 1, numberTestsTotal: 1, success: true, checkOnly: false })
    expect(org.metadata.get('ApexClass', 'Adder')?.files.get('classes/Adder.cls')).toEqual(Buffer.from(adder))
    const files = await retrieve({ ApexClass: ['*'], CustomObject: ['Invoice__c'] })
    for (const [path, text] of Object.entries(source)) expect(files[`unpackaged/${path}`]).toBe(text)
    const listed = await connection.metadata.list([{ type: 'CustomField' }, { type: 'ApexClass' }])
    expect(listed.map(({ fullName }) => fullName)).toEqual(['Invoice__c.Total__c', 'Adder', 'AdderTest'])
  })

  it('that only checks changes nothing, and can be made real within ten days', async () => {
    const second = emulator.org('second')
    const there = connect(second)
    const options = { checkOnly: true, testLevel: 'RunLocalTests', singlePackage: true, rollbackOnError: true }
    const { id } = await there.metadata.deploy(packed(source), options)
    expect((await pollToEnd(id, there)).at(-1)).toMatchObject({ status: 'Succeeded', checkOnly: true })
    expect(second.metadata.all()).toEqual([])
    const quick = await there.metadata.deployRecentValidation({ id })
    expect(quick).toMatch(/^0Af/)
    expect((await pollToEnd(quick, there)).at(-1)).toMatchObject({ status: 'Succeeded', numberTestsTotal: 0 })
    expect(second.metadata.all()).toHaveLength(3)
    second.deployments.age(id, 11)
    await expect(there.metadata.deployRecentValidation({ id })).rejects.toThrow('older than 10 days')
  })

  it('fails with what a rule, the compiler or a test finds', async () => {
    org.deployRules.fail('Invoice__c', { problem: 'Sharing model is missing', lineNumber: 3 })
    const broken = { ...source, 'classes/Adder.cls': 'public class Adder {' }
    const [report] = (await pollToEnd(await deploy({}, broken), connection)).slice(-1)
    const { componentFailures } = await details(report?.id ?? '')
    expect(report).toMatchObject({ status: 'Failed', success: false, numberComponentErrors: 2 })
    expect(componentFailures.map(({ fullName, lineNumber, problem }) => [fullName, lineNumber, problem])).toEqual([
      ['Adder', 1, "Missing '}' at '<EOF>'"],
      ['Invoice__c', 3, 'Sharing model is missing'],
    ])
    org.deployRules.clear()
    org.deployRules.failTest('AdderTest.adds', { message: 'System.AssertException: Expected: 3, Actual: 4', times: 1 })
    const failed = await pollToEnd(await deploy({ testLevel: 'RunLocalTests' }))
    expect(failed.at(-1)).toMatchObject({ status: 'Failed', numberTestErrors: 1 })
    expect((await details(failed.at(-1)?.id ?? '')).runTestResult).toMatchObject({
      numFailures: 1,
      failures: [{ name: 'AdderTest', methodName: 'adds', message: 'System.AssertException: Expected: 3, Actual: 4' }],
    })
  })

  it('fails for want of coverage', async () => {
    org.deployRules.cover('Adder', 70)
    const seen = await pollToEnd(await deploy({ testLevel: 'RunLocalTests' }))
    expect(seen.at(-1)?.status).toBe('Failed')
    expect((await details(seen.at(-1)?.id ?? '')).runTestResult?.codeCoverageWarnings[0]?.message).toContain('is 70%')
    org.deployRules.clear()
  })

  it('waits for the one of a colleague, and can be stopped while it runs', async () => {
    const foreign = org.deployments.addForeign(packed(source), options({}))
    const id = await deploy({})
    expect((await status(id)).status).toBe('Pending')
    expect(foreign.frame?.status).toBe('Pending')
    while (foreign.endedAtMs === null) org.deployments.tick()
    org.deployments.isHeld = true
    await status(id)
    for (let poll = 0; poll < 3; poll += 1) expect((await status(id)).status).toBe('InProgress')
    expect(await connection.metadata.cancelDeploy(id)).toMatchObject({ id })
    expect((await pollToEnd(id)).map((one) => one.status)).toEqual(['Canceling', 'Canceled'])
    org.deployments.isHeld = false
    await expect(connection.metadata.cancelDeploy(id)).rejects.toThrow('Deployment already completed')
  })

  it('deletes what a destructive change names', async () => {
    const id = await deploy(
      {},
      {
        'package.xml': manifest({}),
        'destructiveChanges.xml': manifest({ ApexClass: ['AdderTest'], CustomField: ['Invoice__c.Total__c'] }),
      },
    )
    expect((await pollToEnd(id)).at(-1)).toMatchObject({ status: 'Succeeded', numberComponentsTotal: 2 })
    expect(org.metadata.get('ApexClass', 'AdderTest')).toBeUndefined()
    expect(org.metadata.childNamed('CustomField', 'Invoice__c.Total__c')).toBeUndefined()
    expect(org.metadata.has({ type: 'CustomObject', fullName: 'Invoice__c' })).toBe(true)
  })

  it('that need not roll back keeps what is good of it', async () => {
    const broken = { ...source, 'classes/AdderTest.cls': 'class AdderTest {' }
    const seen = await pollToEnd(await deploy({ rollbackOnError: false }, broken))
    expect(seen.at(-1)).toMatchObject({ status: 'SucceededPartial', success: true, numberComponentErrors: 1 })
    expect(org.metadata.get('ApexClass', 'AdderTest')).toBeUndefined()
    expect(org.metadata.childNamed('CustomField', 'Invoice__c.Total__c')).toBeDefined()
  })

  it('says of a package what is missing in it and what it does not name', async () => {
    const files = { 'package.xml': manifest({ ApexClass: ['Adder', 'Gone'] }), 'classes/Adder.cls': adder }
    const id = await deploy({}, { ...files, 'pages/P.page': '<apex:page/>' })
    await pollToEnd(id)
    expect((await details(id)).componentFailures.map(({ fullName, problem }) => [fullName, problem])).toEqual([
      [
        'package.xml',
        "An object 'Gone' of type ApexClass was named in package.xml, but was not found in zipped directory",
      ],
      ['P', 'Not in package.xml'],
    ])
  })

  it('can fail in its last phase, and is refused while the org is locked', async () => {
    org.deployments.failNextFinalizing()
    const id = await deploy({})
    org.deployments.onBusy = 'refuse'
    await expect(deploy({})).rejects.toThrow('ALREADY_IN_PROCESS')
    org.deployments.onBusy = 'queue'
    expect((await pollToEnd(id)).at(-1)).toMatchObject({ status: 'FinalizingDeployFailed', success: false })
  })

  it('goes by REST too', async () => {
    const { id } = await connection.metadata.deployRest(packed(source), { singlePackage: true, testLevel: 'NoTestRun' })
    let report = await connection.metadata.checkDeployStatus(id, true, true)
    while (!report.done) report = await connection.metadata.checkDeployStatus(id, true, true)
    expect(report).toMatchObject({ status: 'Succeeded', numberComponentsTotal: 4 })
  })
})

describe('a retrieve', () => {
  it('gives single fields without the rest of their object, and says what there is not', async () => {
    org.metadata.add(source)
    const files = await retrieve({ CustomField: ['Invoice__c.Total__c', 'Invoice__c.Gone__c'] })
    expect(files['unpackaged/objects/Invoice__c.object']).toContain('<fullName>Total__c</fullName>')
    expect(files['unpackaged/objects/Invoice__c.object']).not.toContain('<label>')
    expect(messages).toEqual([
      {
        fileName: 'unpackaged/package.xml',
        problem: "Entity of type 'CustomField' named 'Invoice__c.Gone__c' cannot be found",
      },
    ])
  })

  it('of too many files fails', async () => {
    org.retrievals.limits.maxFiles = 2
    await expect(retrieve({ ApexClass: ['*'] })).rejects.toThrow('Too many files in retrieve call, limit is: 2')
    org.retrievals.limits.maxFiles = 10_000
  })
})

it('An org describes its types and reads single components', async () => {
  const { metadataObjects } = await connection.metadata.describe()
  expect(metadataObjects.find(({ xmlName }) => xmlName === 'ApexClass')).toMatchObject({
    directoryName: 'classes',
    metaFile: true,
    suffix: 'cls',
  })
  expect(await connection.metadata.read('CustomObject', 'Invoice__c')).toMatchObject({
    fullName: 'Invoice__c',
    label: 'Invoice',
    fields: [{ fullName: 'Total__c' }],
  })
})

it('A call without a session is refused in the words of SOAP', async () => {
  const stranger = connect(emulator.org('second'), org.url)
  await expect(stranger.metadata.describe()).rejects.toMatchObject({ errorCode: 'sf:INVALID_SESSION_ID' })
})

it('An emulator complains of a deployment that was begun before the last had ended', async () => {
  const own = await startEmulator({ orgs: [{ name: 'busy' }] })
  const busy = own.org('busy')
  for (let count = 0; count < 2; count += 1) busy.deployments.submit(packed(source), options({}), busy.userId)
  expect([...busy.deployments.resubmitted.values()]).toEqual([2])
  await expect(own.close()).rejects.toThrow('was not at its end')
})

const adder = 'public class Adder {\n  public static Integer add(Integer a, Integer b) {\n    return a + b;\n  }\n}\n'
const adderTest =
  '@IsTest\nprivate class AdderTest {\n  @IsTest\n  static void adds() {\n    System.assertEquals(3, Adder.add(1, 2));\n  }\n}\n'
const meta =
  '<?xml version="1.0" encoding="UTF-8"?>\n<ApexClass xmlns="http://soap.sforce.com/2006/04/metadata">\n    <apiVersion>62.0</apiVersion>\n</ApexClass>\n'
const invoice =
  '<?xml version="1.0" encoding="UTF-8"?>\n<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata">\n    <fields>\n        <fullName>Total__c</fullName>\n        <type>Number</type>\n    </fields>\n    <label>Invoice</label>\n</CustomObject>\n'

const source: Record<string, string> = {
  'classes/Adder.cls': adder,
  'classes/Adder.cls-meta.xml': meta,
  'classes/AdderTest.cls': adderTest,
  'classes/AdderTest.cls-meta.xml': meta,
  'objects/Invoice__c.object': invoice,
}

let messages: readonly unknown[] = []

function manifest(types: Record<string, readonly string[]>): string {
  return writeManifest({ version, types: Object.entries(types).map(([name, members]) => ({ name, members })) })
}

function packed(files: Record<string, string>): Buffer {
  const named = { 'package.xml': manifest({ ApexClass: ['Adder', 'AdderTest'], CustomObject: ['Invoice__c'] }) }
  const all = Object.entries({ ...named, ...files })
  return zip(new Map(all.map(([path, text]) => [path, Buffer.from(text)])))
}

function options(given: Partial<DeployOptions>): DeployOptions {
  return optionsOf({ singlePackage: true, rollbackOnError: true, ...given })
}

async function deploy(given: Partial<DeployOptions>, files: Record<string, string> = source): Promise<string> {
  const { id } = await connection.metadata.deploy(packed(files), { ...options(given), runTests: [] })
  return id
}

function status(id: string, by: Connection = connection) {
  return by.metadata.checkDeployStatus(id, false)
}

async function details(id: string) {
  return (await connection.metadata.checkDeployStatus(id, true)).details
}

async function pollToEnd(id: string, by: Connection = connection) {
  const seen = [await status(id, by)]
  while (!seen.at(-1)?.done) seen.push(await status(id, by))
  return seen
}

async function retrieve(types: Record<string, readonly string[]>): Promise<Record<string, string>> {
  const asked = Object.entries(types).map(([name, members]) => ({ name, members: [...members] }))
  const request = { apiVersion: version, singlePackage: true, unpackaged: { types: asked, version } }
  const { id } = await connection.metadata.retrieve(request as never)
  let result = await connection.metadata.checkRetrieveStatus(id)
  while (!result.done) result = await connection.metadata.checkRetrieveStatus(id)
  if (!result.success) throw new Error(result.errorMessage ?? '')
  messages = result.messages
  const files = unzip(Buffer.from(result.zipFile, 'base64'))
  return Object.fromEntries([...files].map(([path, bytes]) => [path, textOf(bytes)]))
}
