/** Secrets for one task alone, from files or from stdin: `--secret NAME=@FILE`, `--secret NAME=-`. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import type { OneTimeValues } from '../../client/one-time.ts'
import { UsageError } from './exit.ts'
import type { Io } from './io.ts'
import { isOneTime, mapOf } from './request.ts'
import { readSecret } from './secret-value.ts'

const mostBytes = 64 * 1024

/** The values in buffers to be wiped. One end of line at their end is not part of them. */
export async function readOneTime(io: Io, secrets: readonly string[]): Promise<OneTimeValues> {
  const given = Object.entries(mapOf('--secret', secrets, (written) => written))
  const values: [string, Uint8Array][] = []
  for (const [name, written] of given) {
    if (written === '-') values.push([name, await readSecret(io, `Value of ${name}, which is not shown: `, false)])
    else if (isOneTime(written)) values.push([name, readFile(written.slice(1))])
  }
  if (given.filter(([, written]) => written === '-').length > 1)
    throw new UsageError('only one --secret may be -: stdin has one end')
  return Object.fromEntries(values)
}

export function wipe(values: OneTimeValues): void {
  for (const value of Object.values(values)) value.fill(0)
}

function readFile(path: string): Uint8Array {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY)
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : error}`)
  }
  const bytes = Buffer.from(new ArrayBuffer(mostBytes + 3))
  let length = 0
  try {
    if (fstatSync(file).isDirectory()) throw new UsageError(`${path} is a directory: name a file`)
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, null)
    }
  } finally {
    closeSync(file)
  }
  if (bytes[length - 1] === 0x0a) length--
  if (bytes[length - 1] === 0x0d) length--
  if (length > 0 && length <= mostBytes) return bytes.subarray(0, length)
  bytes.fill(0)
  throw new UsageError(
    length === 0 ? `${path} is empty: a secret must not be` : `${path} is longer than 64 KiB: a secret must be shorter`,
  )
}
