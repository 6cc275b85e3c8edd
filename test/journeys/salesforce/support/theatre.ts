/** Where the matrix is played: one Mayfly, one emulator, an org of its own for each run. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { ContractTask } from '../../../../src/contract/task.ts'
import { Census } from '../../../../src/process/census.ts'
import { pause, systemClock } from '../../../../src/system/clock.ts'
import type { JsonObject } from '../../../../src/task/json.ts'
import { longestCallName } from '../../../../workers/salesforce/timeouts.ts'
import type { EmulatedOrg } from '../../../emulator/org.ts'
import { type GitServer, hasGit, startGitServer } from '../../../fixtures/git-server.ts'
import type { Ask } from '../../../fixtures/mayfly.ts'
import { killWorkers, quick, startSalesforce, type TestSalesforce } from '../../../fixtures/salesforce.ts'
import { sessionTextOf } from '../../../fixtures/session.ts'
import type { Victim } from './disturbances.ts'
import { backedUp, fillShop, project, type Scenario, type Stage } from './scenarios.ts'

const source = 'source'
const patienceMs = 60_000
/** Longer than what is stalled until something else has happened. */
const longestCallSeconds = 4
/** Short of it, whoever does not have the slot is not going to get it. */
const preemptionMs = 3_000

export class Theatre {
  readonly salesforce: TestSalesforce
  readonly #git: GitServer | null
  readonly #urgent: Promise<ContractTask>[] = []
  #orgs = 0

  private constructor(salesforce: TestSalesforce, git: GitServer | null) {
    this.salesforce = salesforce
    this.#git = git
  }

  static async open(): Promise<Theatre> {
    // One slot, so that a task of a higher pool has to take it from another.
    const slots = { sharedSlots: 1, criticalSlots: 0, preemption: { exemptSeconds: 0, most: 3 } }
    const config = { ...slots, environment: { [longestCallName]: String(longestCallSeconds) } }
    const salesforce = await startSalesforce({ orgs: [{ name: source }], config })
    fillShop(salesforce.org(source))
    const theatre = new Theatre(salesforce, hasGit ? await startGitServer(project) : null)
    await theatre.#run('org.backup', { org: source, objects: backedUp })
    return theatre
  }

  get hasGit(): boolean {
    return this.#git !== null
  }

  async close(): Promise<void> {
    await this.#git?.close()
    await this.salesforce.close()
  }

  async stage(): Promise<Stage> {
    const { salesforce } = this
    this.#orgs += 1
    const alias = `org${String(this.#orgs).padStart(4, '0')}`
    let laterMs = 0
    const org = await salesforce.org(source).bear({ name: alias, now: () => Date.now() + laterMs })
    await salesforce.store(`org/${alias}/login`, org.login('refreshToken'))
    await salesforce.store(`org/${alias}/session`, sessionTextOf(org))
    return {
      ...{ org, alias, source },
      git: this.#git?.url ?? null,
      backups: join(salesforce.mayfly.data, 'directories', 'default', 'backups'),
      upload: async (bytes) => (await salesforce.mayfly.upload(bytes)).id,
      store: salesforce.store,
      pass: (ms) => {
        laterMs += ms
      },
      run: (kind, input) => this.#run(kind, input),
    }
  }

  /** A tenant has room for so many secrets. */
  async clear({ alias }: Stage): Promise<void> {
    const names = [alias, `${alias}new`].flatMap((one) => [`org/${one}/login`, `org/${one}/session`])
    for (const name of names) await this.salesforce.mayfly.vault.delete('default', name, Date.now())
  }

  async #run(kind: string, input: JsonObject): Promise<JsonObject> {
    const { state, error, result } = await this.salesforce.run({ kind, input: { ...quick, ...input } })
    if (state !== 'succeeded') throw new Error(`${kind} was to prepare an org and ${state}: ${error?.message}`)
    return result as JsonObject
  }

  submit(
    { kind, without = {} }: Scenario,
    { alias }: Stage,
    input: JsonObject,
    more: Pick<Ask, 'pool'> = {},
  ): Promise<ContractTask> {
    const limitWait = 'daily-limit' in without || kind === 'org.health' ? {} : { limitWaitSeconds: 0.05 }
    return this.salesforce.mayfly.submit({
      ...more,
      kind,
      input: { ...quick, ...limitWait, org: alias, ...input },
      retry: { maxAttempts: 6, backoffSeconds: 0.05, maxBackoffSeconds: 0.05 },
    })
  }

  /** The task once it has ended; null when it has not after a minute. */
  async ended(id: string): Promise<ContractTask | null> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, patienceMs, null)
    })
    const ended = this.salesforce.mayfly.settled(id)
    // When it is late, nobody waits for it any more.
    ended.catch(() => {})
    return Promise.race([ended, late]).finally(() => clearTimeout(timer))
  }

  /** A task and all that were submitted on its behalf. */
  family(id: string): string[] {
    const db = new DatabaseSync(join(this.salesforce.mayfly.data, 'journal.db'), { readOnly: true, timeout: 5_000 })
    const query = `WITH RECURSIVE family(id) AS
      (SELECT ? UNION SELECT task.id FROM task JOIN family ON task.parent = family.id) SELECT id FROM family`
    try {
      return db
        .prepare(query)
        .all(id)
        .map((row) => String(row.id))
    } finally {
      db.close()
    }
  }

  /** How the attempts of a task and its family have ended so far. */
  endings(id: string): readonly string[] {
    return this.family(id).flatMap((one) =>
      this.salesforce.mayfly.attempts(one).map(({ outcome }) => outcome ?? 'none'),
    )
  }

  victim(task: Promise<string>): Victim {
    const { salesforce } = this
    return {
      kill: async () => {
        for (const id of this.family(await task)) killWorkers(salesforce.mayfly, id)
      },
      restart: async () => {
        await task
        await salesforce.restart()
      },
      preempt: async () => {
        await task
        const { mayfly } = salesforce
        const { id } = await mayfly.submit({ kind: 'exec', pool: 'critical', input: { command: ['true'] } })
        this.#urgent.push(mayfly.settled(id))
      },
      isPreempted: () =>
        Promise.race([this.settleUrgent().then(() => true), pause(systemClock, preemptionMs).then(() => false)]),
      isAskedToGo: async () => {
        const isAsked = ({ type }: { readonly type: string }) => type === 'task.preempting'
        return Promise.race([salesforce.mayfly.until(await task, isAsked), pause(systemClock, preemptionMs)])
      },
      cancel: async () => {
        await salesforce.mayfly.cancel(await task)
      },
    }
  }

  /** Does something to an attempt of a task while its processes stand still; nothing where the task has ended before. */
  async whileHeld(id: string, attempt: number, does: () => Promise<unknown>): Promise<void> {
    const { mayfly } = this.salesforce
    const begun = await mayfly
      .until(id, (event) => event.type === 'task.started' && event.attempt === attempt)
      .catch(() => null)
    if (!begun) return
    const workers = mayfly.attempts(id).map(({ worker }) => worker)
    const signal = (name: 'SIGSTOP' | 'SIGCONT') => {
      new Census().look(
        (worker) => workers.includes(worker),
        (pid) => process.kill(pid, name),
      )
    }
    signal('SIGSTOP')
    try {
      await does()
    } finally {
      signal('SIGCONT')
    }
  }

  /** Once the tasks that asked for the slot of another have had it. */
  async settleUrgent(): Promise<void> {
    await Promise.all(this.#urgent)
    this.#urgent.length = 0
  }

  /** What renews a session goes on when its parent is cancelled: here nobody else waits for it. */
  async endFamily(id: string): Promise<void> {
    const { mayfly } = this.salesforce
    const tasks = await Promise.all(this.family(id).map((one) => mayfly.task(one)))
    const open = tasks.filter(({ settledAt, kind }) => settledAt === null && kind === 'auth.refresh')
    for (const one of open) await mayfly.cancel(one.id)
    await Promise.all(open.map((one) => mayfly.settled(one.id)))
  }

  /** What is left of a task that has ended, here and in its org, when it has had some time: sentences. */
  async leftovers(id: string, { org }: Stage, state: ContractTask['state'] | 'gone'): Promise<string[]> {
    const inOrg = () => (state === 'gone' ? [] : [...runningIn(org), ...(state === 'succeeded' ? [] : livingIn(org))])
    const found = async () => [...(await this.#here(id)), ...inOrg()]
    for (let tries = 0; tries < 100 && (await found()).length > 0; tries++)
      await new Promise((resolve) => setTimeout(resolve, 100))
    return found()
  }

  async #here(id: string): Promise<string[]> {
    const { mayfly } = this.salesforce
    const left = this.family(id).map((one) => ({ id: one, ...mayfly.leftovers(one) }))
    const real = left.filter(({ processes, workspaces }) => processes.length + workspaces.length > 0)
    return Promise.all(
      real.map(async (one) => {
        const { kind, state } = await mayfly.task(one.id)
        return `left over of ${kind}, which is ${state}: ${JSON.stringify(one)}`
      }),
    )
  }
}

/** What a task began in an org and is not over. Installations cannot be stopped. */
function runningIn(org: EmulatedOrg): string[] {
  const isOver = ['JobComplete', 'Failed', 'Aborted']
  const jobs = org.jobs.all().filter(({ state }) => !isOver.includes(state))
  const deployments = org.deployments.all.filter(({ endedAtMs }) => endedAtMs === null)
  const runs = org.testRuns.all.filter(({ status }) => status === 'Queued' || status === 'Processing')
  const containers = org.rows.all('MetadataContainer')
  return [
    ...jobs.map(({ id, kind, state }) => `the ${kind} job ${id} is ${state} in the org`),
    ...deployments.map(({ id, frame }) => `the deployment ${id} is ${frame?.status ?? 'waiting'} in the org`),
    ...runs.map(({ id, status }) => `the test run ${id} is ${status} in the org`),
    ...containers.map(({ Id }) => `the container ${Id} is in the org`),
  ]
}

/** What is the result of a task that succeeds, and of no other. */
function livingIn(org: EmulatedOrg): string[] {
  const scratch = org.rows.all('ScratchOrgInfo').filter(({ Status }) => Status === 'Active')
  return scratch.map(({ Id }) => `the scratch org ${Id} lives`)
}
