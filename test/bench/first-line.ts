import { Agent } from 'node:http'
import { interleave, type Line, lineOf, type Pair } from './harness.ts'
import { startOrchestrator } from './orchestrator.ts'
import { Client, coldForkMs } from './to-first-line.ts'
import { waitingTask, warmUp } from './warm.ts'

const rounds = 200
const roundsExhausted = 40
/** As many as a server has run after its first minutes: the way of the first hundreds is compiled while they are on it. */
const warmTasks = 1_000

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
    const { url, token } = orchestrator
    const headers = { authorization: `Bearer ${token}` }
    await warmUp({ url: new URL('/v1/tasks', url), headers, body: waitingTask })
    const client = new Client(orchestrator, agent)
    await client.runWarm(isReady ? warmTasks : 1)
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
