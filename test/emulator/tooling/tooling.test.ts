import type { Connection } from 'jsforce/lib/connection.js'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connect } from '../connect.ts'
import { type Emulator, startEmulator } from '../emulator.ts'
import { zip } from '../metadata/archive.ts'
import { writeManifest } from '../metadata/manifest.ts'
import { optionsOf } from '../metadata/options.ts'
import type { EmulatedOrg } from '../org.ts'

const passing = '@IsTest\nprivate class Passing {\n  @IsTest static void one() {}\n  @IsTest static void two() {}\n}\n'
const failing = '@IsTest\nprivate class Failing {\n  @IsTest static void never() {\n    System.assert(false);\n  }\n}\n'

let emulator: Emulator
let org: EmulatedOrg
let connection: Connection

beforeAll(async () => {
  emulator = await startEmulator({ orgs: [{ name: 'prod' }, { name: 'untracked', tracksSource: false }] })
  org = emulator.org('prod')
  connection = connect(org)
  org.metadata.add({
    'classes/Passing.cls': passing,
    'classes/Failing.cls': failing,
    'classes/Code.cls': 'public class Code {\n  public Integer a;\n}\n',
    'classes/Code.cls-meta.xml': '<ApexClass><apiVersion>58.0</apiVersion></ApexClass>',
  })
})
afterAll(() => emulator.close())
beforeEach(() => org.deployRules.clear())

async function rows(soql: string): Promise<Record<string, unknown>[]> {
  return (await connection.tooling.query(soql)).records as Record<string, unknown>[]
}

async function until(soql: string, isDone: (row: Record<string, unknown>) => boolean) {
  const seen = []
  for (;;) {
    const [row = {}] = await rows(soql)
    seen.push(row)
    if (isDone(row)) return seen
  }
}

describe('a test run', () => {
  it('gets on by a class with every look, and leaves a result for each method', async () => {
    const id = await connection.tooling.runTestsAsynchronous({ testLevel: 'RunLocalTests' } as never)
    expect(id).toMatch(/^707/)
    const seen = await until(
      `SELECT Status, ClassesCompleted, ClassesEnqueued, MethodsEnqueued, MethodsFailed, EndTime FROM ApexTestRunResult WHERE AsyncApexJobId = '${id}'`,
      ({ EndTime }) => EndTime !== null,
    )
    expect(seen.map(({ Status, ClassesCompleted }) => [Status, ClassesCompleted])).toEqual([
      ['Queued', 0],
      ['Processing', 1],
      ['Failed', 2],
    ])
    expect(seen.at(-1)).toMatchObject({ ClassesEnqueued: 2, MethodsEnqueued: 3, MethodsFailed: 1 })
    const items = await rows(`SELECT Id, Status FROM ApexTestQueueItem WHERE ParentJobId = '${id}'`)
    const ids = items.map((item) => `'${item.Id}'`).join(',')
    const results = await rows(
      `SELECT MethodName, Outcome, Message, ApexClass.Name FROM ApexTestResult WHERE QueueItemId IN (${ids}) ORDER BY MethodName`,
    )
    expect(results.map(({ MethodName, Outcome, ApexClass }) => [MethodName, Outcome, nameOf(ApexClass)])).toEqual([
      ['never', 'Fail', 'Failing'],
      ['one', 'Pass', 'Passing'],
      ['two', 'Pass', 'Passing'],
    ])
    expect(await rows('SELECT PercentCovered FROM ApexOrgWideCoverage')).toMatchObject([{ PercentCovered: 100 }])
    const [coverage] = await rows('SELECT NumLinesCovered, Coverage FROM ApexCodeCoverageAggregate')
    expect(coverage).toMatchObject({ NumLinesCovered: 1, Coverage: { coveredLines: [1], uncoveredLines: [] } })
  })

  it('of some methods stops when its items are aborted', async () => {
    const tests = [{ className: 'Passing', testMethods: ['two'] }, { className: 'Failing' }]
    const id = await connection.tooling.runTestsAsynchronous({ tests, testLevel: 'RunSpecifiedTests' } as never)
    const look = `SELECT Status, MethodsEnqueued FROM ApexTestRunResult WHERE AsyncApexJobId = '${id}'`
    expect(await rows(look)).toMatchObject([{ Status: 'Queued', MethodsEnqueued: 2 }])
    for (const { Id } of await rows(`SELECT Id FROM ApexTestQueueItem WHERE ParentJobId = '${id}'`)) {
      await connection.tooling.sobject('ApexTestQueueItem').update({ Id: String(Id), Status: 'Aborted' } as never)
    }
    expect(await rows(look)).toMatchObject([{ Status: 'Aborted' }])
  })

  it('of an unknown class is refused', async () => {
    const tests = [{ className: 'Nobody' }]
    const asked = connection.tooling.runTestsAsynchronous({ tests, testLevel: 'RunSpecifiedTests' } as never)
    await expect(asked).rejects.toThrow('Nobody is not a valid class name or ID')
  })
})

describe('a quick compilation', () => {
  it('says where a class is broken, and changes nothing', async () => {
    const seen = await compile('public class Code {', true)
    expect(seen).toMatchObject({
      State: 'Failed',
      DeployDetails: { componentFailures: [{ fullName: 'Code', lineNumber: 1, problem: "Missing '}' at '<EOF>'" }] },
    })
  })

  it('stores what it is not only to check', async () => {
    expect(await compile('public class Code { }', false)).toMatchObject({ State: 'Completed' })
    expect(await rows("SELECT Body, ApiVersion FROM ApexClass WHERE Name = 'Code'")).toMatchObject([
      { Body: 'public class Code { }', ApiVersion: 58 },
    ])
  })
})

async function compile(body: string, isCheckOnly: boolean): Promise<Record<string, unknown>> {
  const { tooling } = connection
  const container = await create('MetadataContainer', { Name: `mayfly-${isCheckOnly}` })
  const [code] = await rows("SELECT Id FROM ApexClass WHERE Name = 'Code'")
  await create('ApexClassMember', { MetadataContainerId: container, ContentEntityId: code?.Id, Body: body })
  const id = await create('ContainerAsyncRequest', { MetadataContainerId: container, IsCheckOnly: isCheckOnly })
  for (;;) {
    const row = (await tooling.sobject('ContainerAsyncRequest').retrieve(id)) as Record<string, unknown>
    if (row.State !== 'Queued') return row
  }
}

async function create(object: string, values: Record<string, unknown>): Promise<string> {
  const made = await connection.tooling.sobject(object).create(values as never)
  return String((made as { id?: string }).id)
}

describe('a package', () => {
  it('is installed after a while, with its key', async () => {
    const version = org.packages.publish({
      name: 'Base',
      version: '1.2.0.3',
      installationKey: 'open',
      unavailableLooks: 1,
    })
    const look = `SELECT InstallValidationStatus FROM SubscriberPackageVersion WHERE Id = '${version}' AND InstallationKey = 'open'`
    const statuses = [(await rows(look))[0], (await rows(look))[0]].map((row) => row?.InstallValidationStatus)
    expect(statuses).toContain('NO_ERRORS_DETECTED')
    expect(await install(version, 'wrong')).toMatchObject({
      Status: 'ERROR',
      Errors: { errors: [{ message: 'Invalid installation key' }] },
    })
    expect(await install(version, 'open')).toMatchObject({ Status: 'SUCCESS' })
    const soql = 'SELECT SubscriberPackage.Name, SubscriberPackageVersion.MinorVersion FROM InstalledSubscriberPackage'
    expect(await rows(soql)).toMatchObject([
      { SubscriberPackage: { Name: 'Base' }, SubscriberPackageVersion: { MinorVersion: 2 } },
    ])
  })

  it('gets a version through its stages', async () => {
    const made = org.rows.insert('Package2', { Name: 'Ours', ContainerOptions: 'Unlocked' })
    const id = await create('Package2VersionCreateRequest', { Package2Id: made, VersionInfo: 'UEsFBg==', Tag: 'v1' })
    const seen = await until(
      `SELECT Status, SubscriberPackageVersionId FROM Package2VersionCreateRequest WHERE Id = '${id}'`,
      ({ Status }) => Status === 'Success',
    )
    expect(seen.map(({ Status }) => Status)).toContain('VerifyingMetadata')
    expect(seen.at(-1)?.SubscriberPackageVersionId).toMatch(/^04t/)
  })
})

async function install(version: string, password: string): Promise<Record<string, unknown>> {
  const id = await create('PackageInstallRequest', { SubscriberPackageVersionKey: version, Password: password })
  const [row = {}] = (
    await until(
      `SELECT Status, Errors FROM PackageInstallRequest WHERE Id = '${id}'`,
      ({ Status }) => Status !== 'IN_PROGRESS',
    )
  ).slice(-1)
  return row
}

describe('source tracking', () => {
  it('counts on with every change, also of a single field', async () => {
    const [before] = await rows('SELECT RevisionCounter FROM SourceMember ORDER BY RevisionCounter DESC LIMIT 1')
    const object = (field: string) => `<CustomObject><fields><fullName>${field}</fullName></fields></CustomObject>`
    org.metadata.add({ 'objects/Thing__c.object': object('A__c') })
    org.metadata.add({ 'objects/Thing__c.object': object('B__c') })
    const changed = await rows(
      `SELECT MemberType, MemberName, IsNameObsolete FROM SourceMember WHERE RevisionCounter > ${before?.RevisionCounter} ORDER BY RevisionCounter`,
    )
    expect(changed.map(({ MemberName, IsNameObsolete }) => [MemberName, IsNameObsolete])).toEqual([
      ['Thing__c', false],
      ['Thing__c.B__c', false],
      ['Thing__c.A__c', true],
    ])
  })

  it('is unknown where an org does not have it', async () => {
    const stranger = connect(emulator.org('untracked'))
    await expect(stranger.tooling.query('SELECT Id FROM SourceMember')).rejects.toThrow(
      "'SourceMember' is not supported",
    )
  })
})

it('An org tells of its deployments to who has lost an id, and a look lets time pass', async () => {
  const packed = zip(new Map([['package.xml', Buffer.from(writeManifest({ version: '62.0', types: [] }))]]))
  org.deployments.submit(packed, optionsOf({ singlePackage: true, checkOnly: true }), org.userId)
  const soql = `SELECT Id, Status, CheckOnly, CreatedBy.Username FROM DeployRequest WHERE CreatedDate >= ${new Date(0).toISOString()} ORDER BY CreatedDate DESC`
  const seen = await until(soql, ({ Status }) => Status === 'Succeeded')
  expect(seen[0]).toMatchObject({ Status: 'Pending', CheckOnly: true, CreatedBy: { Username: org.username } })
})

it('An org tells which of its flows are active', async () => {
  const flow = (status: string) =>
    `<Flow><label>Greet</label><processType>Flow</processType><status>${status}</status></Flow>`
  org.metadata.add({ 'flows/Greet.flow': flow('Draft'), 'flows/Bye.flow': flow('Active') })
  const views = await rows('SELECT ApiName, IsActive, VersionNumber FROM FlowDefinitionView ORDER BY ApiName')
  expect(views.map(({ ApiName, IsActive }) => [ApiName, IsActive])).toEqual([
    ['Bye', true],
    ['Greet', false],
  ])
})

it('An org executes scripts, and says where they are broken', async () => {
  const good = "System.debug('fine');"
  expect(await connection.tooling.executeAnonymous(good)).toMatchObject({ compiled: true, success: true })
  expect(await connection.tooling.executeAnonymous('if (true) {')).toMatchObject({ compiled: false, line: 1 })
  expect(await connection.tooling.executeAnonymous('\nSystem.assert(false);')).toMatchObject({
    compiled: true,
    success: false,
    line: 2,
    exceptionMessage: 'System.AssertException: Assertion Failed',
  })
  expect(org.anonymousApex).toContain(good)
})

function nameOf(value: unknown): unknown {
  return (value as { Name?: unknown } | null)?.Name
}
