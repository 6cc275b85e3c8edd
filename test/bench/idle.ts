import { setTimeout as sleep } from 'node:timers/promises'
import { type Line, lineOf, type Pair } from './harness.ts'
import { rssMiB } from './memory.ts'
import { startOrchestrator } from './orchestrator.ts'
import { Program } from './program.ts'

const rounds = 3
/** Longer than what a start leaves behind may linger, on a busy machine as well: threads that read end 10 s after they did. */
const settleMs = 25_000

/** Memory of an orchestrator that has nothing to do, against a process that has only Fastify and ws. */
export async function* idle(): AsyncIterable<Line> {
  // The first start of new code compiles all of it, and keeps some 12 MiB more than any later one.
  await (await startOrchestrator()).stop()
  // Side by side: they do nothing, so they do not disturb each other.
  const pairs = await Promise.all(Array.from({ length: rounds }, measure))
  yield lineOf('idle', 'MiB RSS', pairs, { atMost: 1.6 })
}

async function measure(): Promise<Pair> {
  const orchestrator = await startOrchestrator()
  const bare = new Program('bare-idle.js')
  try {
    await bare.hear()
    await sleep(settleMs)
    return { value: await rssMiB(orchestrator.child.pid), limit: await rssMiB(bare.child.pid) }
  } finally {
    await Promise.all([orchestrator.stop(), bare.stop()])
  }
}
