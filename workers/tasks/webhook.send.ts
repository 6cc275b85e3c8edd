import type { Context } from '../context.ts'
import { webhookName } from '../webhook/name.ts'
import type { SendInput, Sent } from '../webhook/send.ts'

/** Tells an address on the web that something has happened. Other kinds submit it, so that what they do waits for nobody. */
export default {
  kind: 'webhook.send',
  title: 'Tell a webhook',
  pool: 'normal',
  // Not required: waiting for an address that nobody stored helps no one, and the task says at once what to do.
  secrets: {
    url: { reference: 'vault:webhook/{webhook}/url' },
    key: { reference: 'vault:webhook/{webhook}/key' },
  },
  limits: { runSeconds: 60 },
  retry: { maxAttempts: 10, backoffSeconds: 5, maxBackoffSeconds: 3_600 },
  input: {
    type: 'object',
    required: ['webhook', 'event', 'data'],
    additionalProperties: false,
    properties: {
      webhook: webhookName,
      event: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9._-]{0,99}$', description: 'what has happened' },
      data: { type: 'object', description: 'what is told of it' },
    },
  },
  result: {
    type: 'object',
    required: ['status', 'signed'],
    additionalProperties: false,
    properties: {
      status: { type: 'integer', description: 'of the answer' },
      signed: { type: 'boolean', description: 'there is a key for it' },
    },
  },
  async run(context: Context<SendInput>): Promise<Sent> {
    const { send } = await import('../webhook/send.ts')
    return send(context)
  },
}
