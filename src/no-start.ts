/** Why a start failed, for whoever has to do something about it. */
import { ConfigError } from './config/error.ts'
import type { Config } from './config/schema.ts'
import { JournalUnusable } from './journal/journal.ts'
import { VaultUnusable } from './secrets/unusable.ts'
import { messageOf } from './system/message.ts'
import { Refusal } from './task/errors.ts'

/** What a first start takes, with the room that it keeps back for a disk that is full. */
const neededMiB = 16

type Place = Pick<Config, 'data' | 'host' | 'port'>

/** One sentence; undefined for what nobody foresaw, whose trace is of more use. */
export function sentenceOf(error: unknown, place: Place | undefined): string | undefined {
  if (!(error instanceof Error)) return undefined
  if ([ConfigError, JournalUnusable, VaultUnusable].some((foreseen) => error instanceof foreseen)) return error.message
  if (!place) return undefined
  if (error instanceof Refusal) return error.code === 'STORE_FULL' ? full(place) : undefined
  const { code = '', syscall } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT') return full(place)
  if (syscall === 'listen' || syscall === 'getaddrinfo') return unheard(code, error, place)
  if (syscall === undefined) return undefined
  return `It cannot start (${messageOf(error)}): see that everything in ${place.data} belongs to the user Mayfly runs as, and is what Mayfly left there.`
}

function full({ data }: Place): string {
  return `The disk of ${data} is full: make room for ${neededMiB} MiB and start again; nothing that was stored is lost.`
}

function unheard(code: string, error: Error, { host, port }: Place): string {
  if (code === 'EADDRINUSE')
    return `Another program listens on ${host}:${port} already: stop it, or choose another port with --port (0 takes a free one).`
  if (code === 'EACCES') return `The port ${port} is for privileged programs only: choose one above 1023 with --port.`
  return `It cannot listen on ${host} (${messageOf(error)}): choose an address of this machine with --host.`
}
