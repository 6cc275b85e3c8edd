/** Reads a task's stream to its end, with our client or with a bare ws socket that parses what comes. */
import { WebSocket } from 'ws'
import { Mayfly } from '../../../src/client/client.ts'
import type { Outbound } from '../../../src/contract/outbound.ts'
import { answerWith } from './answer.ts'

export interface Read {
  readonly how: 'watch' | 'socket'
  readonly url: string
  readonly token: string
  readonly task: string
}

export interface HasRead {
  readonly events: number
  /** CPU time of this process for one event. */
  readonly microseconds: number
}

answerWith<Read>({}, async (question) => {
  const before = process.cpuUsage()
  const events = question.how === 'watch' ? await watch(question) : await socket(question)
  const { user, system } = process.cpuUsage(before)
  return { events, microseconds: (user + system) / events } satisfies HasRead
})

async function watch({ url, token, task }: Read): Promise<number> {
  let last = 0
  for await (const { seq } of new Mayfly({ url, token }).watch(task)) last = seq
  return last
}

function socket({ url, token, task }: Read): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  const stream = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`, 'mayfly.v1', { headers })
  return new Promise((resolve, reject) => {
    stream.on('open', () => stream.send(JSON.stringify({ type: 'subscribe', ref: 'r', task })))
    stream.on('error', reject)
    stream.on('message', (data) => {
      const message = JSON.parse(String(data)) as Outbound
      if (message.type !== 'event' || message.event.type !== 'task.succeeded') return
      stream.close()
      resolve(message.seq)
    })
  })
}
