/** The passphrase that the master key is made from, from a descriptor or from somebody who types it unseen. */
import { closeSync, readSync } from 'node:fs'
import { readSecret } from './faces/cli/secret-value.ts'
import { withoutLineEnd } from './secrets/provider.ts'
import { VaultUnusable } from './secrets/unusable.ts'

const mostBytes = 4_096

type Terminal = Pick<NodeJS.Process, 'stdin' | 'stderr'>

/** In a buffer to be wiped. Throws VaultUnusable where nobody can be asked. */
export async function askPassphrase(descriptor: number | undefined, terminal: Terminal): Promise<Buffer> {
  if (descriptor !== undefined) return fromDescriptor(descriptor)
  if (!terminal.stdin.isTTY) {
    throw new VaultUnusable('There is no terminal to ask for the passphrase at: give it with --passphrase-fd 3 3<FILE.')
  }
  const passphrase = await readSecret(terminal, 'Passphrase of the master key, which is not shown: ', true)
  terminal.stdin.pause()
  return passphrase
}

function fromDescriptor(descriptor: number): Buffer {
  const bytes = Buffer.from(new ArrayBuffer(mostBytes))
  let length = 0
  try {
    for (let read = -1; read !== 0 && length < mostBytes; length += read) {
      read = readSync(descriptor, bytes, length, mostBytes - length, null)
    }
    closeSync(descriptor)
  } catch (error) {
    throw new VaultUnusable(
      `The passphrase cannot be read from descriptor ${descriptor}: ${(error as Error).message}.`,
      {
        cause: error,
      },
    )
  }
  return withoutLineEnd(bytes.subarray(0, length))
}
