/** The limit of a fan-out: ws as it comes, every message to every client, one message a turn. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { type WebSocket, WebSocketServer } from 'ws'
import { toEventMessage } from '../../../src/contract/present.ts'
import { answerWith } from './answer.ts'

/** Sends so many events to whoever is connected. */
export interface Broadcast {
  readonly events: number
}

/** More than this unsent to one client, and the sender waits. */
const fullBytes = 1024 * 1024

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
await once(server, 'listening')
const { port } = server.address() as AddressInfo

answerWith<Broadcast>({ url: `http://127.0.0.1:${port}/` }, async ({ events }) => {
  for (let seq = 1; seq <= events; seq++) {
    const message = messageOf(seq)
    for (const client of server.clients) client.send(message, { binary: false })
    do await turn()
    while ([...server.clients].some(isFull))
  }
  return {}
})

function isFull(client: WebSocket): boolean {
  return client.bufferedAmount > fullBytes
}

function messageOf(seq: number): Buffer {
  const text = `step ${seq} of a build that says what it does`
  const data = { stream: 'log', level: 'info', text }
  return toEventMessage({
    task: crypto.randomUUID(),
    tenant: 'default',
    seq,
    type: 'task.log',
    at: Date.now(),
    attempt: 1,
    data,
  })
}
