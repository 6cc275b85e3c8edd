import { type MethodResult, runMethod } from '../metadata/apex.ts'
import type { EmulatedOrg } from '../org.ts'
import type { Row } from '../rows/store.ts'
import { salesforceTime } from '../time.ts'
import { keepCoverage, orgWide } from './coverage-rows.ts'
import { type ChosenTest, chosenTests, type TestRequest } from './test-request.ts'

/** One class of a run, with its place in the queue. */
interface Queued extends ChosenTest {
  readonly itemId: string
}

export interface TestRun {
  /** Of the AsyncApexJob. */
  readonly id: string
  readonly resultId: string
  readonly request: TestRequest
  readonly queue: readonly Queued[]
  status: 'Queued' | 'Processing' | 'Completed' | 'Failed' | 'Aborted'
  looks: number
}

/** The asynchronous test runs of one org. Each look at a run gets it on by so many classes. */
export class TestRuns implements Iterable<TestRun> {
  readonly pace = { queuedLooks: 1, classesPerLook: 1 }
  /** While true runs stay where they are. */
  isHeld = false
  readonly #org: EmulatedOrg
  readonly #all: TestRun[] = []

  constructor(org: EmulatedOrg) {
    this.#org = org
    const { rows } = org
    for (const object of ['ApexTestRunResult', 'AsyncApexJob']) {
      rows.hook(object, {
        read: (row) => {
          this.#look(({ id, resultId }) => row.Id === id || row.Id === resultId)
          return rows.get(object, row.Id) ?? row
        },
      })
    }
    rows.hook('ApexTestQueueItem', { updated: (row, before) => this.#abortedBy(row, before) })
    rows.hook('ApexOrgWideCoverage', { read: (row) => orgWide(org, row) })
  }

  [Symbol.iterator](): Iterator<TestRun> {
    return this.#all[Symbol.iterator]()
  }

  get all(): readonly TestRun[] {
    return this.#all
  }

  start(request: TestRequest, userId: string): TestRun {
    const { rows } = this.#org
    const chosen = chosenTests(this.#org, request)
    const id = rows.insert('AsyncApexJob', { JobType: 'TestRequest', Status: 'Queued' }, userId)
    const resultId = rows.insert('ApexTestRunResult', this.#counts(id, userId, chosen), userId)
    const queue = chosen.map((one) => {
      const values = { ApexClassId: one.source.id, Status: 'Queued', ParentJobId: id, TestRunResultId: resultId }
      return { ...one, itemId: rows.insert('ApexTestQueueItem', values, userId) }
    })
    const run: TestRun = { id, resultId, request, queue, status: 'Queued', looks: 0 }
    this.#all.push(run)
    return run
  }

  #counts(id: string, userId: string, chosen: readonly { readonly methods: readonly string[] }[]) {
    return {
      AsyncApexJobId: id,
      UserId: userId,
      Status: 'Queued',
      ClassesEnqueued: chosen.length,
      ClassesCompleted: 0,
      MethodsEnqueued: chosen.reduce((sum, { methods }) => sum + methods.length, 0),
      MethodsCompleted: 0,
      MethodsFailed: 0,
      StartTime: salesforceTime(this.#org.now()),
    }
  }

  #look(isMeant: (run: TestRun) => boolean): void {
    const run = this.#all.find(isMeant)
    if (!run || isOver(run) || this.isHeld) return
    run.looks += 1
    if (run.looks <= this.pace.queuedLooks) return
    this.#setStatus(run, 'Processing')
    for (const one of this.#waiting(run).slice(0, this.pace.classesPerLook)) this.#runClass(run, one)
    if (this.#waiting(run).length === 0) this.#finish(run)
  }

  #waiting(run: TestRun): Queued[] {
    return run.queue.filter(({ itemId }) => this.#org.rows.get('ApexTestQueueItem', itemId)?.Status === 'Queued')
  }

  #runClass(run: TestRun, { itemId, source, methods }: Queued): void {
    const { rows } = this.#org
    const results = methods.map((method) => runMethod(source, method, this.#org.deployRules))
    for (const result of results) this.#keep(run, itemId, result)
    const failed = results.filter(({ isPassed }) => !isPassed).length
    const extended = `(${results.length - failed}/${results.length})`
    rows.update('ApexTestQueueItem', itemId, { Status: failed > 0 ? 'Failed' : 'Completed', ExtendedStatus: extended })
    const before = rows.get('ApexTestRunResult', run.resultId)
    rows.update('ApexTestRunResult', run.resultId, {
      ClassesCompleted: Number(before?.ClassesCompleted) + 1,
      MethodsCompleted: Number(before?.MethodsCompleted) + results.length,
      MethodsFailed: Number(before?.MethodsFailed) + failed,
    })
    const most = run.request.maxFailedTests ?? -1
    if (most >= 0 && Number(before?.MethodsFailed) + failed > most) {
      for (const rest of this.#waiting(run)) rows.update('ApexTestQueueItem', rest.itemId, { Status: 'Aborted' })
    }
  }

  #keep(run: TestRun, itemId: string, result: MethodResult): void {
    this.#org.rows.insert('ApexTestResult', {
      QueueItemId: itemId,
      AsyncApexJobId: run.id,
      ApexTestRunResultId: run.resultId,
      ApexClassId: result.classId,
      MethodName: result.methodName,
      Outcome: result.isPassed ? 'Pass' : 'Fail',
      Message: result.message,
      StackTrace: result.stackTrace,
      RunTime: result.timeMs,
      TestTimestamp: salesforceTime(this.#org.now()),
    })
  }

  #finish(run: TestRun): void {
    const { rows, now } = this.#org
    const items = run.queue.map(({ itemId }) => rows.get('ApexTestQueueItem', itemId)?.Status)
    const failed = items.includes('Failed')
    this.#setStatus(run, items.every((status) => status === 'Aborted') ? 'Aborted' : failed ? 'Failed' : 'Completed')
    const results = rows.all('ApexTestResult').filter(({ AsyncApexJobId }) => AsyncApexJobId === run.id)
    const TestTime = results.reduce((sum, { RunTime }) => sum + Number(RunTime), 0)
    rows.update('ApexTestRunResult', run.resultId, { EndTime: salesforceTime(now()), TestTime })
    if (!run.request.skipCodeCoverage && results.length > 0) keepCoverage(this.#org, results)
  }

  #setStatus(run: TestRun, status: TestRun['status']): void {
    if (run.status === status) return
    run.status = status
    this.#org.rows.update('AsyncApexJob', run.id, { Status: status })
    this.#org.rows.update('ApexTestRunResult', run.resultId, { Status: status })
  }

  /** An item that a client has aborted is not run; a run of which nothing is left ends. */
  #abortedBy(row: Row, before: Row): void {
    if (row.Status !== 'Aborted' || before.Status === 'Aborted') return
    const run = this.#all.find(({ id }) => id === row.ParentJobId)
    if (!run || isOver(run) || this.#waiting(run).length > 0) return
    const { rows, now } = this.#org
    this.#setStatus(run, 'Aborted')
    rows.update('ApexTestRunResult', run.resultId, { EndTime: salesforceTime(now()) })
  }
}

function isOver({ status }: TestRun): boolean {
  return status === 'Completed' || status === 'Failed' || status === 'Aborted'
}
