import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ContractEventPage } from '../../src/contract/event.ts'
import type { PoolList } from '../../src/contract/stats.ts'
import type { ContractTask } from '../../src/contract/task.ts'
import { interleave, type Line, lineOf, type Pair } from './harness.ts'
import { type Orchestrator, startOrchestrator } from './orchestrator.ts'
import { cleanEnvironment, pathOf } from './program.ts'

const rounds = 200
const roundsExhausted = 40

/**
 * From a client's POST to the first line of its task's code, in a process of its own, against a cold fork to its first
 * message: with a worker that stands by, and with none left.
 */
export async function* firstLine(): AsyncIterable<Line> {
  const ready = await measure(rounds, {}, true)
  yield lineOf('first-line p50', 'ms', [percentile(ready, 0.5)], { atMost: 0.08 })
  yield lineOf('first-line p99', 'ms', [percentile(ready, 0.99)], { atMost: 0.35 })
  const exhausted = await measure(roundsExhausted, { standby: 0 }, false)
  yield lineOf('first-line, none stands by', 'ms', [percentile(exhausted, 0.5)], { atMost: 1.3 })
}

async function measure(rounds: number, config: object, isReady: boolean): Promise<readonly Pair[]> {
  const orchestrator = await startOrchestrator(config)
  const agent = new Agent({ keepAlive: true })
  try {
    const client = new Client(orchestrator, agent)
    await client.firstLineMs()
    const value = async () => {
      if (isReady) await client.untilStandby()
      return client.firstLineMs()
    }
    return await interleave(rounds, value, coldForkMs)
  } finally {
    agent.destroy()
    await orchestrator.stop()
  }
}

/** Each of its own side: they were taken in turns, and are no pairs any more. */
function percentile(pairs: readonly Pair[], share: number): Pair {
  const at = (figures: readonly number[]) =>
    figures.toSorted((a, b) => a - b)[Math.ceil(figures.length * share) - 1] ?? Number.NaN
  return { value: at(pairs.map(({ value }) => value)), limit: at(pairs.map(({ limit }) => limit)) }
}

async function coldForkMs(): Promise<number> {
  const before = performance.now()
  const child = fork(pathOf('programs/first-message.js'), { env: cleanEnvironment })
  await once(child, 'message')
  const ms = performance.now() - before
  await once(child, 'exit')
  return ms
}

/** What a request costs the client is a part of the way, so it is as little as can be. */
class Client {
  readonly #orchestrator: Orchestrator
  readonly #agent: Agent

  constructor(orchestrator: Orchestrator, agent: Agent) {
    this.#orchestrator = orchestrator
    this.#agent = agent
  }

  async firstLineMs(): Promise<number> {
    const before = process.hrtime.bigint()
    const { id } = await this.#call<ContractTask>('POST', '/v1/tasks', { kind: 'first-line', input: null })
    for (let after = 0; ; ) {
      const { items } = await this.#call<ContractEventPage>('GET', `/v1/tasks/${id}/events?wait=20&after=${after}`)
      const end = items.find(({ type }) => type === 'task.succeeded')
      if (end) return Number(BigInt(String(end.data.result)) - before) / 1e6
      after = items.at(-1)?.seq ?? after
    }
  }

  async untilStandby(): Promise<void> {
    for (;;) {
      const { pools } = await this.#call<PoolList>('GET', '/v1/pools')
      const normal = pools.find(({ pool }) => pool === 'normal')
      if (normal && normal.busy === 0 && normal.standby > 0) return
      await sleep(20)
    }
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
