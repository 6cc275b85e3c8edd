/** By which whoever is told something knows that it comes from here: as standardwebhooks.com has it, so libraries check it. */
import { createHmac } from 'node:crypto'
import { invalidInput } from '../errors/steering.ts'

export interface Message {
  /** The same at each try, so that who gets it twice can tell. */
  readonly id: string
  readonly atSeconds: number
  readonly body: string
}

const prefix = 'whsec_'
const leastKeyBytes = 16

export function signatureOf({ id, atSeconds, body }: Message, key: string): string {
  const digest = createHmac('sha256', keyBytes(key.trim())).update(`${id}.${atSeconds}.${body}`).digest('base64')
  return `v1,${digest}`
}

/** What follows "whsec_" is base64; any other key is taken as it is. */
function keyBytes(key: string): Buffer {
  const bytes = key.startsWith(prefix) ? Buffer.from(key.slice(prefix.length), 'base64') : Buffer.from(key)
  if (bytes.length >= leastKeyBytes) return bytes
  throw invalidInput(`the key of the webhook has fewer than ${leastKeyBytes} bytes: store a longer one`)
}
