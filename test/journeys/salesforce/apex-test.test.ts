/** Apex tests of an emulated org: run once whoever dies meanwhile, run again alone what others kept from passing. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ContractTask } from '../../../src/contract/task.ts'
import type { TestResult } from '../../../workers/apex-tests/report.ts'
import {
  concurrentLimit,
  dailyLimit,
  lostResponse,
  maintenance,
  resetBeforeHeaders,
  resetMidBody,
} from '../../emulator/fault-actions.ts'
import type { Subject } from '../../emulator/faults.ts'
import type { EmulatedOrg } from '../../emulator/org.ts'
import { zipOf } from '../../fixtures/archives.ts'
import { quick, startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'
import { alsoInMatrix } from './support/also-in-matrix.ts'

let salesforce: TestSalesforce
let org: EmulatedOrg

const testClass = (name: string, ...methods: string[]) => ({
  [`classes/${name}.cls`]: `@IsTest\nclass ${name} {\n${methods.map((method) => `  @IsTest static void ${method}() {}\n`).join('')}}\n`,
})
const twoSlots = { sharedSlots: 2, criticalSlots: 0, preemption: { exemptSeconds: 0, most: 1 } }

beforeAll(async () => {
  salesforce = await startSalesforce({ config: twoSlots })
  org = salesforce.org('prod')
  org.metadata.add({
    ...testClass('AccountTest', 'inserts', 'merges'),
    ...testClass('ShopTest', 'sells', 'returns'),
    ...testClass('StockTest', 'counts'),
    'classes/Shop.cls': 'public class Shop {\n  Integer size = 1;\n}\n',
    'testSuites/Quick.testSuite':
      '<ApexTestSuite xmlns="http://soap.sforce.com/2006/04/metadata"><testClassName>StockTest</testClassName></ApexTestSuite>',
  })
})

afterEach(() => {
  salesforce.emulator.faults.clear()
  org.deployRules.clear()
  org.testRuns.isHeld = false
})

afterAll(() => salesforce.close())

function ask(input: object = {}) {
  return {
    kind: 'apex.test',
    input: { org: 'prod', ...quick, ...input },
    retry: { maxAttempts: 5, backoffSeconds: 0.05 },
  }
}

async function passed(task: Promise<ContractTask>): Promise<TestResult> {
  const { state, error, result } = await task
  expect([state, error]).toEqual(['succeeded', null])
  return result as unknown as TestResult
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

/** Runs that the org got meanwhile. */
function counted() {
  const before = org.testRuns.all.length
  return () => org.testRuns.all.length - before
}

const isSubmit = ({ path }: Subject) => path.includes('/runTestsAsynchronous')
const isLook = ({ method, url }: Subject) =>
  method === 'GET' && url.includes('ClassesCompleted') && url.includes('ApexTestRunResult')

describe('apex.test', () => {
  it('runs the tests of an org, says how far it is and what they cover', async () => {
    const task = await salesforce.run(ask({ coverage: 'detailed', thresholds: { org: 75 } }))
    const result = await passed(Promise.resolve(task))
    expect(result).toMatchObject({
      status: 'Completed',
      tests: { total: 5, passed: 5, failed: 0, skipped: 0, recovered: 0 },
      coverage: { percent: 100, classes: [{ name: 'Shop', percent: 100 }] },
      findings: [],
    })
    expect(task.pool).toBe('batch')
    const progress = (await salesforce.mayfly.events(task.id)).filter(({ type }) => type === 'task.progress')
    expect(progress.map(({ data }) => data)).toContainEqual(
      expect.objectContaining({ phase: 'waiting in org queue', percent: null }),
    )
    expect(progress.map(({ data }) => data)).toContainEqual(
      expect.objectContaining({ phase: 'testing', percent: 66, done: 2, total: 3, unit: 'classes' }),
    )
    expect(JSON.parse(await artifact(task.id, 'coverage.json'))).toMatchObject({ classes: [{ uncoveredLines: [] }] })
    expect(await artifact(task.id, 'summary.md')).toContain('5 of 5 tests passed')
  })

  it('runs some methods, or suites, of a class', async () => {
    const tests = [{ className: 'ShopTest', testMethods: ['sells'] }, { className: 'StockTest' }]
    expect((await passed(salesforce.run(ask({ tests })))).tests).toMatchObject({ total: 2, passed: 2 })
    expect((await passed(salesforce.run(ask({ suites: ['Quick'] })))).tests).toMatchObject({ total: 1 })
    const unknown = await failed(salesforce.run(ask({ tests: [{ className: 'NoTest' }] })))
    expect(unknown.message).toMatch(/^org prod, while submitting the test run: .*NoTest is not a valid class name/)
    expect((await failed(salesforce.run(ask({ tests, suites: ['Quick'] })))).message).toMatch(/^give tests or suites/)
  })

  it('fails for tests that fail, beside their lines in the sources', async () => {
    org.deployRules.failTest('ShopTest.returns', {
      message: 'System.AssertException: Assertion Failed',
      stackTrace: 'Class.ShopTest.returns: line 4, column 1',
    })
    const { id: upload } = await salesforce.mayfly.upload(zipOf([{ name: 'app/tests/ShopTest.cls', bytes: 'class' }]))
    const { id, code, message } = await failed(salesforce.run(ask({ upload })))
    expect([code, message]).toEqual([
      'TESTS_FAILED',
      expect.stringMatching(/had 1 of 5 tests fail: app\/tests\/ShopTest\.cls:4: returns: System\.AssertException/),
    ])
    expect(JSON.parse(await artifact(id, 'apex.test.json'))).toEqual([
      expect.objectContaining({ file: 'app/tests/ShopTest.cls', line: 4, rule: 'test', severity: 'error' }),
    ])
    expect(await artifact(id, 'junit.xml')).toContain('<testcase classname="ShopTest" name="returns"')
  })

  it('stops where too many fail, and fails where tests reach too little', async () => {
    for (const name of ['AccountTest', 'ShopTest', 'StockTest']) org.deployRules.failTest(name, { message: 'no' })
    const { message } = await failed(salesforce.run(ask({ maxFailedTests: 1 })))
    expect(message).toMatch(/had 2 of 2 tests fail/)
    org.deployRules.clear()
    org.deployRules.cover('Shop', 60)
    const short = await failed(salesforce.run(ask({ thresholds: { org: 75, perClass: 75 } })))
    expect([short.code, short.message]).toEqual([
      'COVERAGE_TOO_LOW',
      expect.stringContaining('tests reach 60 % of all code, 75 % are asked for; tests reach 60 % of Shop'),
    ])
  })

  it('runs alone again, class by class, what failed for rows that others held', async () => {
    const message = 'System.DmlException: Insert failed. UNABLE_TO_LOCK_ROW, unable to obtain exclusive access'
    org.deployRules.failTest('ShopTest.sells', { message, times: 1 })
    org.deployRules.failTest('AccountTest.merges', { message, times: 1 })
    const count = counted()
    const task = await salesforce.runKilled(ask({ retryFailed: { times: 1 } }), { match: isSubmit, after: 2 })
    const result = await passed(Promise.resolve(task))
    expect(result).toMatchObject({
      tests: { total: 5, passed: 5, recovered: 2 },
      runIds: [1, 2, 3].map(() => expect.any(String)),
    })
    expect([task.attempt, count()]).toEqual([2, 3])
    expect(org.testRuns.all.slice(-2).map(({ request }) => request.tests)).toEqual([
      [{ className: 'AccountTest', testMethods: ['merges'] }],
      [{ className: 'ShopTest', testMethods: ['sells'] }],
    ])
  })
})

describe('a test run', () => {
  alsoInMatrix('is begun once when its worker dies before the org has it', async () => {
    const count = counted()
    const task = await salesforce.runKilled(ask(), { match: isSubmit })
    expect([task.state, task.attempt, count()]).toEqual(['succeeded', 2, 1])
  })

  it('is begun once when its worker dies after that, and before it knows', async () => {
    const count = counted()
    const task = await salesforce.runKilled(ask(), { match: isSubmit, isDone: true })
    expect([task.state, task.attempt, count()]).toEqual(['succeeded', 2, 1])
  })

  it('goes on when its worker dies while it looks, again and again', async () => {
    const count = counted()
    const task = await salesforce.runKilled(ask(), { match: isLook, times: 2, after: 1 })
    expect([task.state, task.attempt, count()]).toEqual(['succeeded', 3, 1])
  })

  alsoInMatrix('is begun once when the answer is lost, or nothing arrived', async () => {
    const count = counted()
    salesforce.emulator.faults.add({ match: isSubmit, action: lostResponse })
    await passed(salesforce.run(ask()))
    salesforce.emulator.faults.add({ match: isSubmit, action: resetBeforeHeaders })
    await passed(salesforce.run(ask()))
    expect([count(), salesforce.emulator.faults.waiting]).toEqual([2, 0])
  })

  alsoInMatrix('goes on when the orchestrator starts again in the middle', async () => {
    const count = counted()
    org.testRuns.isHeld = true
    const { id } = await salesforce.runUntil(ask(), isLook)
    await salesforce.restart()
    org.testRuns.isHeld = false
    expect([(await salesforce.mayfly.settled(id)).state, count()]).toEqual(['succeeded', 1])
  })

  it('is stopped in the org when its task is cancelled', async () => {
    org.testRuns.isHeld = true
    const { id } = await salesforce.runUntil(ask(), isLook)
    await salesforce.mayfly.cancel(id)
    expect((await salesforce.mayfly.settled(id)).state).toBe('cancelled')
    expect(org.testRuns.all.at(-1)?.status).toBe('Aborted')
    expect(await salesforce.mayfly.texts(id, 'log')).toContainEqual(expect.stringMatching(/is Aborted in the org/))
  })

  alsoInMatrix('goes on in the org while its task makes room for another', async () => {
    const count = counted()
    const { mayfly } = salesforce
    org.testRuns.isHeld = true
    const other = await mayfly.submit({ kind: 'exec', input: { command: ['sleep', '300'] } })
    const { id } = await salesforce.runUntil(ask(), isLook)
    await mayfly.run({ kind: 'exec', pool: 'critical', input: { command: ['true'] } })
    await mayfly.until(id, ({ type, data }) => type === 'task.requeued' && data.cause === 'preempted')
    expect(org.testRuns.all.at(-1)?.status).toBe('Queued')
    org.testRuns.isHeld = false
    expect([(await mayfly.settled(id)).state, count()]).toEqual(['succeeded', 1])
    await mayfly.cancel(other.id)
  })

  alsoInMatrix('is looked at through whatever comes between', async () => {
    const count = counted()
    const { faults } = salesforce.emulator
    for (const action of [maintenance, resetBeforeHeaders, resetMidBody(), concurrentLimit])
      faults.add({ match: isLook, action })
    faults.add({ match: isLook, action: dailyLimit, after: 1 })
    const task = await salesforce.run(ask({ limitWaitSeconds: 0.1 }))
    expect([task.state, task.attempt, count(), faults.waiting]).toEqual(['succeeded', 2, 1, 0])
  })

  alsoInMatrix('goes on with a new session where its own has ended', async () => {
    const count = counted()
    org.testRuns.isHeld = true
    const { id } = await salesforce.runUntil(ask(), isLook)
    org.expireSessions()
    await salesforce.mayfly.until(id, ({ type }) => type === 'task.suspended')
    org.testRuns.isHeld = false
    expect([(await salesforce.mayfly.settled(id)).state, count()]).toEqual(['succeeded', 1])
  })
})
