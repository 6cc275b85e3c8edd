import { interleave, type Line, lineOf, median } from './harness.ts'
import { latenciesMs, post, requestsPerSecond, type Target } from './load.ts'
import { startOrchestrator } from './orchestrator.ts'
import { Program } from './program.ts'

const rounds = 5
const connections = 50
const roundMs = 1_500
const lonelyRequests = 300

/** Durable, and never started: no process disturbs what is measured. */
const task = { kind: 'noop', input: { org: 'devhub', tests: ['a', 'b'] }, notBefore: '2100-01-01T00:00:00Z' }

/** Submissions a second, each answered after its fsync, against a bare route with the same schema; and alone, in ms. */
export async function* submit(): AsyncIterable<Line> {
  const orchestrator = await startOrchestrator()
  const bare = new Program('bare-route.ts')
  try {
    const { url } = await bare.hear<{ url: string }>()
    const headers = { authorization: `Bearer ${orchestrator.token}` }
    const [ours, limit] = [orchestrator.url, new URL(url)].map((url) => post(url, '/v1/tasks', headers, task)) as [
      Target,
      Target,
    ]
    const rate = (target: Target) => () => requestsPerSecond(target, connections, roundMs)
    yield lineOf('submit', 'requests/s', await interleave(rounds, rate(ours), rate(limit)), { atLeast: 0.75 })
    const alone = (target: Target) => async () => median(await latenciesMs(target, lonelyRequests))
    yield lineOf('submit alone, p50', 'ms', await interleave(rounds, alone(ours), alone(limit)))
  } finally {
    await Promise.all([orchestrator.stop(), bare.stop()])
  }
}
