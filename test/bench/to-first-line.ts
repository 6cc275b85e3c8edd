/** The way from a client's request to the first line of its task's code, and what it is measured against. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { type Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BatchAnswer } from '../../src/contract/batch.ts'
import type { ContractEventPage } from '../../src/contract/event.ts'
import type { PoolList } from '../../src/contract/stats.ts'
import type { ContractTask, TaskPage } from '../../src/contract/task.ts'
import type { Pool } from '../../src/task/task.ts'
import { Connection, post } from './load.ts'
import type { Orchestrator } from './orchestrator.ts'
import { cleanEnvironment, pathOf } from './program.ts'

/** From a bare fork to its first message. */
export async function coldForkMs(): Promise<number> {
  const before = performance.now()
  const child = fork(pathOf('programs/first-message.js'), { env: cleanEnvironment })
  await once(child, 'message')
  const ms = performance.now() - before
  await once(child, 'exit')
  return ms
}

/** A bench is to end also where a start takes long. */
const warmingMs = 60_000

/** Nothing that is waited for takes so long, unless it never comes. */
const patienceMs = 60_000

/** True until its time is up; then it throws, with what was waited for. */
function timer(what: string): () => true {
  const end = performance.now() + patienceMs
  return () => {
    if (performance.now() > end) throw new Error(`waited for ${what} for ${patienceMs / 1000} s in vain`)
    return true
  }
}

/** What its request costs the client is a part of the way to a first line, so it is as little as can be. */
export class Client {
  readonly #orchestrator: Orchestrator
  readonly #agent: Agent
  readonly #connections = new Map<Pool, Promise<Connection>>()

  constructor(orchestrator: Orchestrator, agent: Agent) {
    this.#orchestrator = orchestrator
    this.#agent = agent
  }

  async firstLineMs(pool: Pool = 'normal'): Promise<number> {
    const connection = await this.#connectionFor(pool)
    const before = process.hrtime.bigint()
    const { id } = JSON.parse(await connection.ask()) as ContractTask
    const isInTime = timer(`the end of task ${id}`)
    for (let after = 0; ; isInTime()) {
      const { items } = await this.#call<ContractEventPage>('GET', `/v1/tasks/${id}/events?wait=20&after=${after}`)
      const end = items.find(({ type }) => type === 'task.succeeded')
      if (end) return Number(BigInt(String(end.data.result)) - before) / 1e6
      after = items.at(-1)?.seq ?? after
    }
  }

  /** One after the other, as they are measured: so many, or as many as there is time for. */
  async runWarm(tasks: number): Promise<void> {
    const end = performance.now() + warmingMs
    for (let ran = 0; ran < tasks && performance.now() < end; ran++) {
      if (ran > 0) await this.untilStandby()
      await this.firstLineMs()
    }
  }

  submit(kind: string, pool: Pool): Promise<ContractTask> {
    return this.#call('POST', '/v1/tasks', { kind, pool, input: null })
  }

  /** So many at once, with one commit. */
  async submitAll(kind: string, pool: Pool, count: number): Promise<void> {
    const tasks = Array.from({ length: count }, () => ({ kind, pool, input: null }))
    const { items } = await this.#call<BatchAnswer>('POST', '/v1/tasks/batch', { tasks })
    const refused = items.find(({ status }) => status !== 202)
    if (refused) throw new Error(`a task of a batch was refused: ${JSON.stringify(refused)}`)
  }

  /** Nothing of the pool runs, and a worker waits for it. */
  async untilStandby(pool: Pool = 'normal'): Promise<void> {
    const isInTime = timer(`a standby for ${pool}`)
    while (isInTime()) {
      const { pools } = await this.#call<PoolList>('GET', '/v1/pools')
      const own = pools.find((one) => one.pool === pool)
      if (own && own.busy === 0 && own.standby > 0) return
      await sleep(20)
    }
  }

  /** So many tasks of the pool are under way, past their launch. */
  async untilRunning(pool: Pool, count: number): Promise<void> {
    const isInTime = timer(`${count} running tasks of ${pool}`)
    while (isInTime()) {
      const { items } = await this.#call<TaskPage>('GET', `/v1/tasks?state=running&pool=${pool}`)
      if (items.filter(({ progress }) => progress !== null).length === count) return
      await sleep(20)
    }
  }

  /** On which a task of this pool can be asked for, again and again; it ends with the server. */
  #connectionFor(pool: Pool): Promise<Connection> {
    const { url, token } = this.#orchestrator
    const body = { kind: 'first-line', pool, input: null }
    const known = this.#connections.get(pool)
    const connection = known ?? Connection.open(post(url, '/v1/tasks', { authorization: `Bearer ${token}` }, body))
    this.#connections.set(pool, connection)
    return connection
  }

  #call<T>(method: string, path: string, body?: object): Promise<T> {
    const { url, token } = this.#orchestrator
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }
    return new Promise((resolve, reject) => {
      const asked = request(new URL(path, url), { method, agent: this.#agent, headers }, async (response) => {
        let text = ''
        for await (const chunk of response.setEncoding('utf8')) text += chunk
        resolve(JSON.parse(text) as T)
      })
      asked.on('error', reject)
      asked.end(body && JSON.stringify(body))
    })
  }
}
