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

/**
 * Throws VaultUnusable for a descriptor that whoever started this process did not open: what it has open for itself has
 * numbers, too, and whoever reads there takes what is not his, or waits for good. To be called before anything is opened.
 */
export function refuseNotGiven(descriptor: number | undefined): void {
  if (descriptor === undefined || descriptor <= lastStandard || isGiven(descriptor)) return
  throw new VaultUnusable(
    `Descriptor ${descriptor} is not open: give the passphrase with --passphrase-fd ${descriptor} ${descriptor}<FILE.`,
  )
}

function isGiven(descriptor: number): boolean {
  try {
    return inheritedDescriptors().includes(descriptor)
  } catch {
    // Where the system does not show it.
    return true
  }
}

function fromDescriptor(descriptor: number): Buffer {
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
