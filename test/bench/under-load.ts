import { Agent } from 'node:http'
import { interleave, type Line, lineOf } from './harness.ts'
import { startOrchestrator } from './orchestrator.ts'
import { Client } from './to-first-line.ts'

const rounds = 60
const sharedSlots = 2
const queued = 10_000
/** As many as one request may bring. */
const atOnce = 500

/** A busy server is to have nobody make room: that is another bench. */
const settings = { sharedSlots, criticalSlots: 1, preemption: { most: 0 } }

/**
 * From a client's POST to the first line of a critical task while batch tasks hold every shared slot and 10,000 more
 * wait, against the same on a server that has nothing else to do.
 */
export async function* underLoad(): AsyncIterable<Line> {
  const agent = new Agent({ keepAlive: true })
  const orchestrators = await Promise.all([startOrchestrator(settings), startOrchestrator(settings)])
  try {
    const [busy, idle] = orchestrators.map((one) => new Client(one, agent)) as [Client, Client]
    for (let count = 0; count < queued + sharedSlots; count += atOnce) {
      await busy.submitAll('occupy', 'batch', Math.min(atOnce, queued + sharedSlots - count))
    }
    await busy.untilRunning('batch', sharedSlots)
    const firstLineMs = (client: Client) => async () => {
      await client.untilStandby('critical')
      return client.firstLineMs('critical')
    }
    // The first of each brings up workers of its profile.
    await Promise.all([busy.firstLineMs('critical'), idle.firstLineMs('critical')])
    yield lineOf('under-load', 'ms', await interleave(rounds, firstLineMs(busy), firstLineMs(idle)), { atMost: 2 })
  } finally {
    agent.destroy()
    await Promise.all(orchestrators.map((one) => one.stop()))
  }
}
