import { Agent } from 'node:http'
import { interleave, type Line, lineOf } from './harness.ts'
import { startOrchestrator } from './orchestrator.ts'
import { Client, coldForkMs } from './to-first-line.ts'

const rounds = 15
const roundsReserved = 60
const sharedSlots = 2
const graceMs = 500

/** Whoever has a slot may be ended at once, and as often as the bench has rounds. */
const settings = {
  sharedSlots,
  askGraceSeconds: graceMs / 1000,
  preemption: { exemptSeconds: 0, most: 1_000 },
}

/**
 * How long a critical task waits for the first line of its code while batch tasks that do not listen hold every slot:
 * against their grace and two cold starts where none is reserved, and against an idle system where one is.
 */
export async function* preempt(): AsyncIterable<Line> {
  yield await withClients([{ ...settings, criticalSlots: 0 }], async ([client]) => {
    const value = async () => {
      await client.untilRunning('batch', sharedSlots)
      return client.firstLineMs('critical')
    }
    await occupy(client)
    const limit = async () => graceMs + 2 * (await coldForkMs())
    return lineOf('preempt, no slot reserved', 'ms', await interleave(rounds, value, limit), { atMost: 1 })
  })
  const reserving = { ...settings, criticalSlots: 1 }
  yield await withClients([reserving, reserving], async ([busy, idle]) => {
    await occupy(busy)
    await busy.untilRunning('batch', sharedSlots)
    const firstLineMs = (client: Client) => async () => {
      await client.untilStandby('critical')
      return client.firstLineMs('critical')
    }
    const pairs = await interleave(roundsReserved, firstLineMs(busy), firstLineMs(idle ?? busy))
    return lineOf('preempt, a slot reserved', 'ms', pairs, { atMost: 1.5 })
  })
}

async function occupy(client: Client): Promise<void> {
  await Promise.all(Array.from({ length: sharedSlots }, () => client.submit('occupy', 'batch')))
}

type Clients = readonly [Client, ...Client[]]

async function withClients(all: readonly object[], measure: (clients: Clients) => Promise<Line>): Promise<Line> {
  const agent = new Agent({ keepAlive: true })
  const orchestrators = await Promise.all(all.map((one) => startOrchestrator(one)))
  try {
    return await measure(orchestrators.map((one) => new Client(one, agent)) as unknown as Clients)
  } finally {
    agent.destroy()
    await Promise.all(orchestrators.map((one) => one.stop()))
  }
}
