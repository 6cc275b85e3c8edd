import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ContractTask } from '../../../src/contract/task.ts'
import {
  concurrentLimit,
  dailyLimit,
  expiredAfterAnother,
  expiredSession,
  failedJob,
  lostResponse,
  maintenance,
  malformedCsv,
  resetBeforeHeaders,
  resetMidBody,
  rowErrors,
  slowJob,
} from '../../emulator/fault-actions.ts'
import type { FaultAction, Subject } from '../../emulator/faults.ts'
import { quick, startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'
import { alsoInMatrix } from './support/also-in-matrix.ts'

let salesforce: TestSalesforce
const names = Array.from({ length: 25 }, (_, index) => `Name "${index}",\nof two lines`)
beforeAll(async () => {
  // One slot, so that a task of a higher pool has to take it from a batch task.
  salesforce = await startSalesforce({ config: { sharedSlots: 1, preemption: { exemptSeconds: 0, most: 3 } } })
  for (const Name of names) salesforce.org('prod').rows.insert('Product2', { Name })
  salesforce.org('prod').rows.define('Item__c', { Key__c: { type: 'string', externalId: true, unique: true } })
})
afterEach(() => {
  expect(salesforce.emulator.faults.waiting).toBe(0)
  salesforce.emulator.faults.clear()
})
afterAll(() => salesforce.close())

const isTo = (method: string, path: RegExp) => (subject: Subject) =>
  subject.method === method && path.test(subject.path)
const isPage = isTo('GET', /query\/\w+\/results$/)
const pathOf = (url: string) => url.split('?')[0] ?? ''
const isLook = isTo('GET', /jobs\/(query|ingest)\/\w+$/)

async function artifact({ id }: ContractTask, name: string): Promise<string> {
  const response = await salesforce.mayfly.call('GET', `/tasks/${id}/artifacts/${name}`)
  return response.ok ? response.text() : `${response.status}`
}

describe('bulk.query', () => {
  const soql = 'SELECT Name FROM Product2 ORDER BY Name'
  const query = { kind: 'bulk.query', input: { org: 'prod', soql, pageRecords: 4, saveSeconds: 0, ...quick } }
  const csv = `"Name"\n${names
    .toSorted()
    .map((name) => `"${name.replaceAll('"', '""')}"\n`)
    .join('')}`
  const expectAll = async (task: ContractTask) => {
    expect(task).toMatchObject({ state: 'succeeded', result: { way: 'bulk', records: 25, pages: 7 } })
    expect((await artifact(task, 'rows.csv')).split('\n').toSorted()).toEqual(csv.split('\n').toSorted())
  }

  it('gives every row once under one header, and says what it cost', async () => {
    const task = await salesforce.run(query)
    await expectAll(task)
    expect(task).toMatchObject({ result: { bytes: Buffer.byteLength(csv), apiUsage: { limit: 100_000 } } })
  })

  it('whatever happens on the way to the org', async () => {
    const { faults } = salesforce.emulator
    faults.add({ match: isTo('POST', /jobs\/query$/), action: lostResponse })
    faults.add({ match: isLook, action: maintenance })
    faults.add({ match: isLook, action: concurrentLimit })
    faults.add({ match: isPage, action: resetMidBody(30), after: 2, times: 2 })
    faults.add({ match: isPage, action: resetBeforeHeaders, after: 4 })
    faults.add({ match: isPage, action: malformedCsv('unclosedQuote') })
    faults.add({ match: isPage, action: malformedCsv('columnCount'), after: 1 })
    await expectAll(await salesforce.run(query))
  })

  it('when its worker is killed before the first look, and in the middle of the rows', async () => {
    const early = await salesforce.runKilled(query, { match: isLook })
    await expectAll(early)
    expect(early.attempt).toBe(2)
    const late = await salesforce.runKilled(query, { match: isPage, after: 3 })
    await expectAll(late)
    expect(late.attempt).toBe(2)
    const jobs = (await salesforce.mayfly.events(late.id)).filter(({ data }) => /is submitted/.test(String(data.text)))
    expect(jobs).toHaveLength(1)
  })

  alsoInMatrix('when the orchestrator is restarted meanwhile', async () => {
    salesforce.emulator.faults.add({
      match: isTo('POST', /jobs\/query$/),
      action: slowJob({ waiting: 20, working: 20 }),
    })
    const task = await salesforce.runUntil(query, isLook)
    await salesforce.restart()
    const settled = await salesforce.mayfly.settled(task.id)
    await expectAll(settled)
    expect(settled.attempt).toBe(2)
  })

  alsoInMatrix('when it makes way for another task, and its job goes on meanwhile', async () => {
    const slow = slowJob({ waiting: 20, working: 20 })
    salesforce.emulator.faults.add({ match: isTo('POST', /jobs\/query$/), action: slow })
    const { id } = await salesforce.runUntil(query, isLook)
    expect(await salesforce.run({ kind: 'exec', input: { command: ['true'] } })).toMatchObject({ state: 'succeeded' })
    const settled = await salesforce.mayfly.settled(id)
    await expectAll(settled)
    const events = await salesforce.mayfly.events(id)
    expect(events.map(({ type }) => type)).toContain('task.preempting')
    expect(events.filter(({ data }) => /is submitted/.test(String(data.text)))).toHaveLength(1)
  })

  it('goes on later when the limit of the day is reached', async () => {
    salesforce.emulator.faults.add({ match: isPage, action: dailyLimit, after: 1 })
    const input = { ...query.input, limitWaitSeconds: 0.1 }
    const task = await salesforce.run({ ...query, input })
    await expectAll(task)
    expect(task.attempt).toBe(2)
  })

  it('is stopped in the org when it is cancelled', async () => {
    salesforce.emulator.faults.add({
      match: isTo('POST', /jobs\/query$/),
      action: slowJob({ waiting: 1_000, working: 0 }),
    })
    const { id } = await salesforce.runUntil(query, isLook)
    await salesforce.mayfly.cancel(id)
    expect(await salesforce.mayfly.settled(id)).toMatchObject({ state: 'cancelled' })
    expect((await salesforce.mayfly.texts(id)).join('\n')).toMatch(
      /^org prod: the bulk query 750\w+ is Aborted in the org$/m,
    )
  })

  describe('side by side', () => {
    const parallel = { ...query, input: { ...query.input, parallelPages: 3 } }
    const isList = isTo('GET', /query\/\w+\/resultPages$/)
    const expectInOrder = async (task: ContractTask) => {
      expect(task).toMatchObject({ state: 'succeeded', result: { way: 'bulk', records: 25, pages: 7 } })
      expect(await artifact(task, 'rows.csv')).toBe(csv)
    }

    it('keeps the order of the rows, whichever page comes first', async () => {
      const third = Promise.withResolvers<void>()
      const { faults } = salesforce.emulator
      // The first page comes when the third one has been asked for: with one after the other it never would.
      faults.add({ match: isPage, action: (_org, _request, genuine) => third.promise.then(genuine) })
      faults.add({
        match: isPage,
        after: 1,
        action: (_org, _request, genuine) => {
          third.resolve()
          return genuine()
        },
      })
      await expectInOrder(await salesforce.run(parallel))
    })

    it('whatever happens on the way to the org', async () => {
      const { faults } = salesforce.emulator
      faults.add({ match: isList, action: maintenance, after: 1 })
      faults.add({ match: isPage, action: resetMidBody(30), after: 1, times: 3 })
      faults.add({ match: isPage, action: resetBeforeHeaders, after: 3 })
      faults.add({ match: isPage, action: malformedCsv('unclosedQuote'), after: 1 })
      faults.add({ match: isPage, action: concurrentLimit, after: 1 })
      await expectInOrder(await salesforce.run(parallel))
    })

    it('when its worker is killed among its pages, or among the lists of them', async () => {
      const { requests } = salesforce.emulator
      const countOf = (path: RegExp) => requests.filter(({ url }) => path.test(pathOf(url))).length
      const before = countOf(/\/results$/)
      const late = await salesforce.runKilled(parallel, { match: isPage, after: 5 })
      await expectInOrder(late)
      expect(late.attempt).toBe(2)
      // Seven, and at most those again that were on their way or fetched ahead.
      expect(countOf(/\/results$/) - before).toBeLessThanOrEqual(7 + 4)
      const listed = await salesforce.runKilled(parallel, { match: isList, after: 1 })
      await expectInOrder(listed)
      const jobs = (await salesforce.mayfly.events(listed.id)).filter(({ data }) =>
        /is submitted/.test(String(data.text)),
      )
      expect(jobs).toHaveLength(1)
    })

    alsoInMatrix('goes on with a new session when the old one ends meanwhile', async () => {
      salesforce.emulator.faults.add({ match: isPage, action: expiredSession, after: 3 })
      await expectInOrder(await salesforce.run(parallel))
    })

    it('has a header where there are no rows, and goes one after the other where the org lists no pages', async () => {
      const none = { ...parallel.input, soql: "SELECT Name FROM Product2 WHERE Name = 'none'" }
      const empty = await salesforce.run({ ...parallel, input: none })
      expect(empty).toMatchObject({ state: 'succeeded', result: { records: 0, pages: 1 } })
      expect(await artifact(empty, 'rows.csv')).toBe('"Name"\n')
      const lists = () => salesforce.emulator.requests.filter(({ url }) => pathOf(url).endsWith('/resultPages')).length
      const before = lists()
      await expectInOrder(await salesforce.run({ ...parallel, input: { ...parallel.input, apiVersion: '57.0' } }))
      expect(lists()).toBe(before)
    })
  })

  it('takes rows unpacked where it is told to', async () => {
    const encodings: unknown[] = []
    const note: FaultAction = (_org, request, genuine) => {
      encodings.push(request.headers['accept-encoding'])
      return genuine()
    }
    for (const compress of [false, true]) {
      salesforce.emulator.faults.add({ match: isPage, action: note })
      await expectAll(await salesforce.run({ ...query, input: { ...query.input, compress } }))
    }
    expect(encodings).toEqual(['identity', expect.stringContaining('gzip')])
  })

  const isMaking = isTo('POST', /jobs\/query$/)
  const queries = () =>
    salesforce
      .org('prod')
      .jobs.all()
      .filter(({ kind }) => kind === 'query')

  it('leaves no query in the org whose making got no answer, cancelled or not', async () => {
    const before = queries().length
    const isSlow = slowJob({ waiting: 1_000, working: 0 })
    const lostAndSlow: FaultAction = (...asked) => lostResponse(asked[0], asked[1], async () => isSlow(...asked))
    salesforce.emulator.faults.add({ match: isMaking, action: lostAndSlow })
    await expectAll(await salesforce.run(query))
    const [lost, used] = queries().slice(before)
    expect([lost?.state, used?.state]).toEqual(['Aborted', 'JobComplete'])
    salesforce.emulator.faults.add({
      match: isMaking,
      async action(...asked) {
        const answer = await lostAndSlow(...asked)
        await salesforce.mayfly.cancel(await submitted.promise)
        return answer
      },
    })
    const submitted = Promise.withResolvers<string>()
    const { id } = await salesforce.mayfly.submit(query)
    submitted.resolve(id)
    expect(await salesforce.mayfly.settled(id)).toMatchObject({ state: 'cancelled' })
    await expect.poll(() => queries().at(-1)?.state).toBe('Aborted')
    expect(queries()).toHaveLength(before + 3)
  })

  it('makes a query anew that somebody has stopped, and not for ever', async () => {
    const before = queries().length
    const stop: FaultAction = (org, _request, genuine) => {
      for (const job of org.jobs.all())
        if (job.kind === 'query' && job.state === 'UploadComplete') job.state = 'Aborted'
      return genuine()
    }
    salesforce.emulator.faults.add({ match: isLook, action: stop })
    await expectAll(await salesforce.run(query))
    expect(queries()).toHaveLength(before + 2)
    salesforce.emulator.faults.add({ match: isLook, action: stop, times: 4 })
    const { state, error } = await salesforce.run(query)
    expect([state, error?.message]).toEqual([
      'failed',
      expect.stringMatching(/somebody stopped the job 750\w+ in the org/),
    ])
    expect(queries()).toHaveLength(before + 6)
  })

  it('fails with what Salesforce says', async () => {
    salesforce.emulator.faults.add({
      match: isTo('POST', /jobs\/query$/),
      action: failedJob('MALFORMED_QUERY: it is wrong'),
    })
    const failed = await salesforce.run(query)
    expect(failed.error).toMatchObject({
      code: 'VALIDATION',
      message: expect.stringMatching(
        /^org prod, while running the bulk query 750\w+: .*MALFORMED_QUERY: it is wrong\. /,
      ),
    })
    const wrong = await salesforce.run({ ...query, input: { ...query.input, soql: 'SELECT Nothing__c FROM Product2' } })
    expect(wrong.error).toMatchObject({ code: 'VALIDATION', message: expect.stringContaining('Nothing__c') })
    const many = await salesforce.run({ ...query, input: { ...query.input, maxRows: 24 } })
    expect(many.error?.message).toMatch(/the query gives 25 rows, more than maxRows \(24\)/)
  })

  it('fails when a page stays without the rows that Salesforce says it has', async () => {
    const action = malformedCsv('unclosedQuote')
    salesforce.emulator.faults.add({ match: isPage, action, after: 1, times: 3 })
    const { error } = await salesforce.run({ ...query, retry: { maxAttempts: 1 } })
    expect(error).toMatchObject({
      code: 'SERVER_TRANSIENT',
      message: expect.stringMatching(
        /^org prod, while fetching the rows of the bulk query 750\w+, from row 5 on: the page ends within quotes and should have 4, 3 times\./,
      ),
    })
  })

  it('ends when the next page is the page itself', async () => {
    salesforce.emulator.faults.add({
      match: isPage,
      after: 1,
      action: async (_org, request, genuine) => {
        const answer = await genuine()
        return { ...answer, headers: { ...answer.headers, 'sforce-locator': request.query.get('locator') ?? '' } }
      },
    })
    const { error } = await salesforce.run(query)
    expect(error).toMatchObject({
      message: expect.stringMatching(/^org prod, while .*: the next page of rows is the same/),
    })
  })

  it('goes by REST for what the Bulk API does not do', async () => {
    const input = { ...query.input, soql: 'SELECT COUNT(Id) products FROM Product2' }
    const task = await salesforce.run({ ...query, input })
    expect(task).toMatchObject({ state: 'succeeded', result: { way: 'rest', jobId: null, records: 1 } })
    expect(await artifact(task, 'rows.csv')).toBe('"products"\n"25"\n')
  })

  it('gives all of more than 10,000 rows by REST, with the columns that the query names, not those of the first row', async () => {
    const { rows } = salesforce.org('prod')
    rows.define('Many__c', { Text__c: 'string' })
    rows.generate('Many__c', 10_501, (index) => ({ Name: `n${index}`, Text__c: index < 2 ? null : `t${index}` }))
    const input = { ...query.input, soql: 'SELECT Name, Text__c FROM Many__c OFFSET 1' }
    const task = await salesforce.run({ ...query, input })
    expect(task).toMatchObject({ state: 'succeeded', result: { way: 'rest', records: 10_500, pages: 6 } })
    const lines = (await artifact(task, 'rows.csv')).trimEnd().split('\n')
    expect([lines[0], lines[1], lines.at(-1)]).toEqual(['"Name","Text__c"', '"n1",""', '"n10500","t10500"'])
    expect(new Set(lines).size).toBe(10_501)
  })
})

describe('bulk.ingest', () => {
  let keys = 0
  const newKeys = (count: number) => Array.from({ length: count }, () => `k${++keys}`)
  async function ingest(all: readonly string[], more: object = {}) {
    const csv = `Key__c,Name\n${all.map((key) => `${key},"of ""${key}"",\nin two lines"\n`).join('')}`
    const { id: upload } = await salesforce.mayfly.upload(Buffer.from(csv))
    const input = { org: 'prod', object: 'Item__c', operation: 'insert', upload, chunkBytes: 120, ...quick, ...more }
    return { kind: 'bulk.ingest', input }
  }
  const stored = () =>
    salesforce
      .org('prod')
      .rows.all('Item__c')
      .map(({ Key__c }) => String(Key__c))
  const expectStored = (all: readonly string[]) => {
    expect(
      stored()
        .filter((key) => all.includes(key))
        .toSorted(),
    ).toEqual(all.toSorted())
  }

  const keysOf = (csv: string) => [...csv.matchAll(/^"\w*","\w+","(k\d+)"/gm)].map(([, key]) => key).toSorted()

  it('puts every row in once, in as many jobs as it takes', async () => {
    const all = newKeys(10)
    const task = await salesforce.run(await ingest(all))
    expect(task).toMatchObject({ state: 'succeeded', result: { jobs: 4, succeeded: 10, failed: 0, retried: 0 } })
    expectStored(all)
    expect(keysOf(await artifact(task, 'successful.csv'))).toEqual(all.toSorted())
  })

  const openJobs = () =>
    salesforce
      .org('prod')
      .jobs.all()
      .filter(({ kind, state }) => kind === 'ingest' && state === 'Open')

  it('whatever happens on the way to the org', async () => {
    const { faults } = salesforce.emulator
    faults.add({ match: isTo('POST', /jobs\/ingest$/), action: lostResponse })
    const openBefore = openJobs().length
    faults.add({ match: isTo('PUT', /batches$/), action: lostResponse })
    faults.add({ match: isTo('PUT', /batches$/), action: maintenance })
    faults.add({ match: isTo('PATCH', /jobs\/ingest/), action: lostResponse, after: 1 })
    faults.add({ match: isTo('GET', /successfulResults$/), action: resetMidBody(20), after: 1 })
    faults.add({ match: isTo('GET', /successfulResults$/), action: malformedCsv('unclosedQuote'), after: 2 })
    const all = newKeys(10)
    const task = await salesforce.run(await ingest(all))
    expect(task).toMatchObject({ state: 'succeeded', error: null, result: { jobs: 4, succeeded: 10 } })
    expectStored(all)
    // Also the one that was made without an answer.
    expect(openJobs()).toHaveLength(openBefore)
  })

  it('makes a job anew that somebody has stopped before it began', async () => {
    salesforce.emulator.faults.add({
      match: isTo('PATCH', /jobs\/ingest/),
      action(org, _request, genuine) {
        for (const job of org.jobs.all()) if (job.kind === 'ingest' && job.state === 'Open') job.state = 'Aborted'
        return genuine()
      },
    })
    const all = newKeys(2)
    const task = await salesforce.run(await ingest(all))
    expect(task).toMatchObject({ state: 'succeeded', attempt: 1, result: { succeeded: 2 } })
    expectStored(all)
  })

  const isMaking = isTo('POST', /jobs\/ingest$/)
  for (const [where, match, after, isDone = false] of [
    ['before it hears of the job that it has made', isMaking, 1, true],
    ['before the data is sent', isTo('PUT', /batches$/), 1],
    ['before the job is closed', isTo('PATCH', /jobs\/ingest/), 1],
    ['before the first look', isLook, 0],
    ['before the results are there', isTo('GET', /successfulResults$/), 2],
  ] as const) {
    it(`when its worker is killed ${where}`, async () => {
      const all = newKeys(10)
      const openBefore = openJobs().length
      const task = await salesforce.runKilled(await ingest(all), { match, after, isDone })
      expect(openJobs()).toHaveLength(openBefore)
      expect(task).toMatchObject({ state: 'succeeded', attempt: 2, result: { succeeded: 10, failed: 0 } })
      expectStored(all)
      expect(keysOf(await artifact(task, 'successful.csv'))).toEqual(all.toSorted())
    })
  }

  it('looks for no job whose making the org has refused: one that is open since is that of another task', async () => {
    const openBefore = openJobs().length
    salesforce.emulator.faults.add({ match: isMaking, action: expiredAfterAnother })
    const all = newKeys(2)
    expect(await salesforce.run(await ingest(all))).toMatchObject({ state: 'succeeded', result: { succeeded: 2 } })
    expectStored(all)
    expect(openJobs()).toHaveLength(openBefore + 1)
    for (const job of openJobs()) job.state = 'Aborted'
  })

  it('tries rows again that were locked out, and tells of those that stay refused', async () => {
    const [again] = newKeys(1)
    await salesforce.run(await ingest([again ?? '']))
    salesforce.emulator.faults.add({ match: isTo('PATCH', /jobs\/ingest/), action: rowErrors(3) })
    const all = newKeys(8)
    const task = await salesforce.run(await ingest([...all, again ?? '']))
    expect(task).toMatchObject({ state: 'succeeded', result: { succeeded: 8, failed: 1, retried: 3 } })
    expectStored(all)
    expect(await artifact(task, 'failed.csv')).toMatch(
      /^"sf__Id","sf__Error","Key__c","Name"\n"[^"]*","DUPLICATE_VALUE:/,
    )
    const strict = await salesforce.run(await ingest([again ?? '', ...newKeys(1)], { failOn: 'any' }))
    expect(strict.error).toMatchObject({
      code: 'VALIDATION',
      message: expect.stringMatching(/1 rows succeeded, 1 failed/),
    })
  })

  it('is stopped in the org when it is cancelled; what is in stays in', async () => {
    salesforce.emulator.faults.add({
      match: isTo('POST', /jobs\/ingest$/),
      action: slowJob({ waiting: 1_000, working: 0 }),
    })
    const { id } = await salesforce.runUntil(await ingest(newKeys(2)), isLook)
    await salesforce.mayfly.cancel(id)
    expect(await salesforce.mayfly.settled(id)).toMatchObject({ state: 'cancelled' })
    expect((await salesforce.mayfly.texts(id)).join('\n')).toMatch(/the ingest job 750\w+ is Aborted in the org/)
  })

  it('fails with what to correct', async () => {
    const nameless = await salesforce.run(await ingest(newKeys(1), { operation: 'upsert' }))
    expect(nameless.error?.message).toBe('externalIdField goes with the operation upsert, which needs it')
    const { id: upload } = await salesforce.mayfly.upload(Buffer.from('Nothing__c\nx\n'))
    const input = { org: 'prod', object: 'Item__c', operation: 'insert', upload, ...quick }
    const unknown = await salesforce.run({ kind: 'bulk.ingest', input })
    expect(unknown.error).toMatchObject({
      code: 'VALIDATION',
      message: expect.stringContaining('InvalidBatch: Field name not found : Nothing__c'),
    })
  })
})
