import { Mayfly } from '../../src/client/client.ts'
import { interleave, type Line, lineOf } from './harness.ts'
import { startOrchestrator } from './orchestrator.ts'
import { Program } from './program.ts'
import type { HasRead, Read } from './programs/reader.ts'

const rounds = 6
const events = 20_000

/**
 * What the client's watch costs its process for each event, against a bare ws socket that reads and parses the same
 * stream. Most of the difference is Node's own WebSocket, which the client uses because browsers have the same.
 */
export async function* client(): AsyncIterable<Line> {
  const orchestrator = await startOrchestrator()
  const readers = { watch: new Program('reader.ts'), socket: new Program('reader.ts') }
  try {
    await Promise.all([readers.watch.hear(), readers.socket.hear()])
    const { token } = orchestrator
    const url = orchestrator.url.origin
    const mayfly = new Mayfly({ url, token })
    const { id: task } = await mayfly.submit({ kind: 'chatter', input: { events } })
    for await (const _ of mayfly.watch(task));
    const read = (how: Read['how']) => async () => {
      const question: Read = { how, url, token, task }
      return (await readers[how].ask<HasRead>(question)).microseconds
    }
    const pairs = await interleave(rounds, read('watch'), read('socket'))
    yield lineOf('client', 'µs CPU/event', pairs, { atMost: 2 })
  } finally {
    await Promise.all([orchestrator.stop(), readers.watch.stop(), readers.socket.stop()])
  }
}
