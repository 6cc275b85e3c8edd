/** Test runs of an org: begun, looked at by polling (a stream of events loses its connection over hours), stopped. */
import type { Progress } from '../../src/task/task.ts'
import type { Org } from '../salesforce/org.ts'
import { PACES } from '../salesforce/poll.ts'
import type { RemoteJob } from '../salesforce/remote-job.ts'
import type { TestRequest } from './input.ts'

export interface RunStatus {
  readonly Status: string
  readonly ClassesCompleted: number
  readonly ClassesEnqueued: number
  readonly MethodsCompleted: number
  readonly MethodsEnqueued: number
  readonly MethodsFailed: number
}

const counts = 'ClassesCompleted, ClassesEnqueued, MethodsCompleted, MethodsEnqueued, MethodsFailed'
const ends = ['Completed', 'Failed', 'Aborted', 'Passed', 'Skipped']
const unfinished = "('Holding', 'Queued', 'Preparing', 'Processing')"
/** Of a collection of records. */
const mostRecords = 200
const mostRuns = 100
/** Clocks of servers tell whole seconds. */
const toleranceMs = 2_000

/** Before the org has a row of it. */
const queued: RunStatus = {
  Status: 'Queued',
  ClassesCompleted: 0,
  ClassesEnqueued: 0,
  MethodsCompleted: 0,
  MethodsEnqueued: 0,
  MethodsFailed: 0,
}

/** Runs that there are already: none of them is one that is begun from now on. */
export async function knownRuns(org: Org): Promise<readonly string[]> {
  return runsWhere(org, `UserId = '${org.userId}' ORDER BY StartTime DESC LIMIT ${mostRuns}`)
}

async function runsWhere(org: Org, condition: string): Promise<readonly string[]> {
  const rows = await org.tooling.query<{ AsyncApexJobId: string }>(
    `SELECT AsyncApexJobId FROM ApexTestRunResult WHERE ${condition}`,
  )
  return rows.map(({ AsyncApexJobId }) => AsyncApexJobId)
}

/** `known`: runs that cannot be this one. */
export function runJob(org: Org, request: TestRequest, known: readonly string[]): RemoteJob<RunStatus> {
  return {
    name: 'test run',
    pace: PACES.tests,
    submit: (_, submission) =>
      org.request<string>('/tooling/runTestsAsynchronous/', { method: 'POST', json: request, submission }),
    async find({ at }) {
      const since = new Date(at.getTime() - toleranceMs).toISOString()
      const runs = await runsWhere(org, `UserId = '${org.userId}' AND StartTime >= ${since} ORDER BY StartTime`)
      return runs.find((id) => !known.includes(id)) ?? null
    },
    async look(id) {
      const [row] = await org.tooling.query<RunStatus>(
        `SELECT Status, ${counts} FROM ApexTestRunResult WHERE AsyncApexJobId = '${id}'`,
      )
      return row ?? queued
    },
    isOver: ({ Status }) => ends.includes(Status),
    stateOf: ({ Status }) => Status,
    progressOf,
    cancel: (id) => abort(org, id),
  }
}

export function progressOf(status: RunStatus): Progress {
  const { Status, ClassesCompleted: done, ClassesEnqueued: total } = status
  const { MethodsCompleted, MethodsEnqueued, MethodsFailed } = status
  const failed = MethodsFailed > 0 ? `, ${MethodsFailed} failed` : ''
  if (Status === 'Queued' || total === 0)
    return { phase: 'waiting in org queue', percent: null, message: `${Status}: the org has not begun yet` }
  const message = `${Status}: ${MethodsCompleted} of ${MethodsEnqueued} methods${failed}`
  const percent = Math.floor((100 * Math.min(done, total)) / total)
  return { phase: 'testing', percent, done, total, unit: 'classes', message }
}

/** What has not run yet does not run any more; classes that run are finished by the org. */
async function abort(org: Org, id: string): Promise<void> {
  const items = await org.data.query<{ Id: string }>(
    `SELECT Id FROM ApexTestQueueItem WHERE ParentJobId = '${id}' AND Status IN ${unfinished}`,
  )
  for (let from = 0; from < items.length; from += mostRecords) {
    const records = items
      .slice(from, from + mostRecords)
      .map(({ Id }) => ({ attributes: { type: 'ApexTestQueueItem' }, id: Id, Status: 'Aborted' }))
    await org.request('/composite/sobjects', {
      method: 'PATCH',
      json: { allOrNone: false, records },
      repeatable: true,
    })
  }
}
