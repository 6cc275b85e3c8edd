/** The passphrase that the master key is made from, from a descriptor or from somebody who types it unseen. */
import { closeSync, readSync } from 'node:fs'
import { readSecret } from './faces/cli/secret-value.ts'
import { inheritedDescriptors } from './process/inherited.ts'
import { withoutLineEnd } from './secrets/provider.ts'
import { VaultUnusable } from './secrets/unusable.ts'

const mostBytes = 4_096
/** Up to this one Node holds them for itself, and wants them left open. */
const lastStandard = 2

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
  if (!isGiven(descriptor)) {
    throw new VaultUnusable(
      `Descriptor ${descriptor} is not open: give the passphrase with --passphrase-fd ${descriptor} ${descriptor}<FILE.`,
    )
  }
  const bytes = Buffer.from(new ArrayBuffer(mostBytes))
  let length = 0
  try {
    for (let read = -1; read !== 0 && length < mostBytes; length += read) {
      read = readSync(descriptor, bytes, length, mostBytes - length, null)
    }
    if (descriptor > lastStandard) closeSync(descriptor)
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

/** What Node has open for itself has numbers, too: whoever reads there may wait for good. */
function isGiven(descriptor: number): boolean {
  if (descriptor <= lastStandard) return true
  try {
    return inheritedDescriptors().includes(descriptor)
  } catch {
    return true
  }
}
