import { interleave, type Line, lineOf } from './harness.ts'
import { type Orchestrator, startOrchestrator } from './orchestrator.ts'
import { Program } from './program.ts'
import type { Broadcast } from './programs/bare-broadcast.ts'
import type { Await, Delivered, Subscribe } from './programs/subscribers.ts'

const rounds = 4
const clients = 200
const events = 2_000
/** For all to subscribe before the first event. */
const headStartMs = 1_000

/** Events a second delivered to 200 subscribers of one task that talks without a pause, against a raw broadcast. */
export async function* fanout(): AsyncIterable<Line> {
  const orchestrator = await startOrchestrator()
  const bare = new Program('bare-broadcast.ts')
  const subscribers = new Program('subscribers.ts')
  try {
    const [{ url }] = await Promise.all([bare.hear<{ url: string }>(), subscribers.hear()])
    const pairs = await interleave(rounds, throughTask(orchestrator, subscribers), raw(url, bare, subscribers))
    yield lineOf('fanout', 'events/s', pairs, { atLeast: 0.5 })
  } finally {
    await Promise.all([orchestrator.stop(), bare.stop(), subscribers.stop()])
  }
}

/** Beside what the task says there are its queued, starting and started. */
const awaited: Await = { events: events + 3 }

function throughTask({ url, token }: Orchestrator, subscribers: Program): () => Promise<number> {
  return async () => {
    const notBefore = new Date(Date.now() + headStartMs).toISOString()
    const answer = await fetch(new URL('/v1/tasks', url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'chatter', input: { events }, notBefore }),
    })
    const { id } = (await answer.json()) as { id: string }
    const message = JSON.stringify({ type: 'subscribe', ref: 's', task: id })
    const stream = new URL('/v1/stream', url).href
    await subscribers.ask({ clients, url: stream, token, message } satisfies Subscribe)
    return (await subscribers.ask<Delivered>(awaited)).perSecond
  }
}

function raw(url: string, bare: Program, subscribers: Program): () => Promise<number> {
  return async () => {
    await subscribers.ask({ clients, url, token: '', message: '' } satisfies Subscribe)
    const delivered = subscribers.ask<Delivered>(awaited)
    await bare.ask(awaited satisfies Broadcast)
    return (await delivered).perSecond
  }
}
