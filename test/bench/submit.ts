import { interleave, type Line, lineOf, median } from './harness.ts'
import { latenciesMs, post, requestsPerSecond } from './load.ts'
import { startOrchestrator } from './orchestrator.ts'
import { ordinaryRequestsPerSecond } from './ordinary-client.ts'
import { Program } from './program.ts'
import { waitingTask, warmUp } from './warm.ts'

/**
 * Many short ones: how fast a machine is changes from one second to the next, and neither side feels it alike. Five of
 * 1.5 s had a median of 0.46, and right after it, in the very same start, one of 0.56.
 */
const rounds = 30
const roundMs = 300
const connections = 50
const lonelyRequests = 100

/**
 * Submissions a second, each answered after its fsync, against a bare route with the same schema: by ordinary clients,
 * and by bare sockets that cost nothing themselves, so that every microsecond of the server shows. Beside it the least
 * that is durable, so that what the disk and a second thread cost can be told from what Mayfly does. Then alone, in ms.
 */
export async function* submit(): AsyncIterable<Line> {
  const orchestrator = await startOrchestrator()
  const bare = new Program('bare-route.ts')
  const durable = new Program('durable-route.ts')
  try {
    const urls = { ours: orchestrator.url, bare: await urlOf(bare), durable: await urlOf(durable) }
    const headers = { authorization: `Bearer ${orchestrator.token}` }
    const submissionTo = (url: URL) => ({ url: new URL('/v1/tasks', url), headers, body: waitingTask })
    const ordinary = (url: URL) => () => ordinaryRequestsPerSecond(submissionTo(url), connections, roundMs)
    const target = (url: URL) => post(url, '/v1/tasks', headers, waitingTask)
    const socket = (url: URL) => () => requestsPerSecond(target(url), connections, roundMs)
    const alone = (url: URL) => async () => median(await latenciesMs(target(url), lonelyRequests))
    const compare = (measure: (url: URL) => () => Promise<number>, value = urls.ours, limit = urls.bare) =>
      interleave(rounds, measure(value), measure(limit))
    for (const url of Object.values(urls)) await warmUp(submissionTo(url))
    yield lineOf('submit', 'requests/s', await compare(ordinary), { atLeast: 0.75 })
    yield lineOf('submit, the least that is durable', 'requests/s', await compare(ordinary, urls.durable))
    yield lineOf('submit against that least', 'requests/s', await compare(ordinary, urls.ours, urls.durable))
    yield lineOf('submit by bare sockets', 'requests/s', await compare(socket))
    yield lineOf('submit alone, p50', 'ms', await compare(alone))
  } finally {
    await Promise.all([orchestrator.stop(), bare.stop(), durable.stop()])
  }
}

async function urlOf(program: Program): Promise<URL> {
  return new URL((await program.hear<{ url: string }>()).url)
}
