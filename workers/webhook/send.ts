/** One message to one address: signed, bounded, and made again by the task's own attempts where that may help. */
import type { RequestOptions } from 'node:http'
import { messageOf } from '../../src/system/message.ts'
import type { Json } from '../../src/task/json.ts'
import type { Context } from '../context.ts'
import { FatalError, invalidInput, RetryableError } from '../errors/steering.ts'
import { mayGoAnywhere, publicLookup, targetOf } from './address.ts'
import { signatureOf } from './signature.ts'

export interface SendInput {
  /** The name under which its address and its key are stored. */
  readonly webhook: string
  /** What has happened, as in "org.health". */
  readonly event: string
  readonly data: Json
}

export interface Sent {
  readonly status: number
  readonly signed: boolean
}

const timeoutMs = 15_000

export async function send(context: Context<SendInput>): Promise<Sent> {
  const { input, secrets, taskId, tenant, log } = context
  if (!secrets.names.includes('url')) throw invalidInput(notStored(input.webhook))
  const anywhere = mayGoAnywhere(process.env)
  const url = targetOf(secrets.text('url'), anywhere)
  const atSeconds = Math.floor(Date.now() / 1_000)
  const timestamp = new Date(atSeconds * 1_000).toISOString()
  const body = JSON.stringify({ type: input.event, timestamp, tenant, data: input.data })
  const key = secrets.names.includes('key') ? secrets.text('key') : null
  const status = await post(url, body, {
    signal: AbortSignal.any([context.signal, AbortSignal.timeout(timeoutMs)]),
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'mayfly',
      'webhook-id': taskId,
      'webhook-timestamp': atSeconds,
      ...(key !== null && { 'webhook-signature': signatureOf({ id: taskId, atSeconds, body }, key) }),
    },
    ...(!anywhere && { lookup: publicLookup }),
  }).catch((error: unknown) => {
    throw unreached(input.webhook, error)
  })
  if (status < 200 || status >= 300) throw refused(input.webhook, status)
  log.info(`the webhook ${input.webhook} was told of ${input.event}`)
  return { status, signed: key !== null }
}

/** The status of the answer; what else it says nobody reads. Nothing is followed to another address. */
function post(url: URL, body: string, options: RequestOptions): Promise<number> {
  // An import would read all names of the module, and load what stands behind them: it would take 50 ms longer.
  const { request } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http')
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent: false, ...options }, (response) => {
      resolve(response.statusCode ?? 0)
      response.destroy()
    })
    sent.on('error', reject)
    // Where there was an answer, this says nothing any more.
    sent.once('close', () => reject(new Error('the connection was closed without an answer')))
    sent.end(body)
  })
}

function notStored(webhook: string): string {
  return `there is no address of the webhook ${webhook}: store it with \`mayfly secrets set webhook/${webhook}/url\``
}

/** The error of a connection names its address, which is masked. */
function unreached(webhook: string, error: unknown): Error {
  if (error instanceof FatalError) return error
  const why = (error as Error).name === 'TimeoutError' ? `no answer within ${timeoutMs / 1_000} s` : messageOf(error)
  return new RetryableError(`the webhook ${webhook} was not told: ${why}`, { code: 'WEBHOOK_FAILED', cause: error })
}

const passing = [408, 425, 429]

function refused(webhook: string, status: number): Error {
  const message = `the webhook ${webhook} answered ${status}`
  if (status >= 500 || passing.includes(status)) return new RetryableError(message, { code: 'WEBHOOK_FAILED' })
  const advice =
    status < 400 ? 'it sends on to another address, store that one' : 'look at its address and what it takes'
  return new FatalError(`${message}: ${advice}`, { code: 'WEBHOOK_FAILED' })
}
