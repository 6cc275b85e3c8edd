import { type Check, checkOf } from '../../contract/check.ts'
import { INBOUND, type Inbound, type InboundType } from '../../contract/inbound.ts'
import { Refusal } from '../../task/errors.ts'
import { refuseFaults } from '../json.ts'

const types = Object.keys(INBOUND) as InboundType[]

const checks = new Map<unknown, Check>(types.map((type) => [type, checkOf(INBOUND[type], 'the message')]))

/** A parsed frame as one of the messages that the contract knows. */
export function readMessage(frame: unknown): Inbound {
  refuseFaults(frame)
  const check = checks.get(memberOf(frame, 'type'))
  if (!check) throw new Refusal('BAD_REQUEST', `type must be one of ${types.join(', ')}`)
  const sentence = check(frame)
  if (sentence !== undefined) throw new Refusal('BAD_REQUEST', sentence)
  return frame as Inbound
}

/** The ref to answer with, even when nothing else about the message is right. */
export function refOf(frame: unknown): string | null {
  const ref = memberOf(frame, 'ref')
  return typeof ref === 'string' && ref.length <= 128 ? ref : null
}

function memberOf(frame: unknown, name: string): unknown {
  return typeof frame === 'object' && frame !== null && Object.hasOwn(frame, name)
    ? Reflect.get(frame, name)
    : undefined
}
