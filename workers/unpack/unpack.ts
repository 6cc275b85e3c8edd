/**
 * Unpacks an archive that a stranger sent, in the process of the task that needs it and never in the orchestrator.
 * Read are tar, tar.gz, tar.zst and zip, told apart by their first bytes.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { messageOf } from '../../src/system/message.ts'
import { Destination } from './destination.ts'
import { defaultUnpackLimits, Meter, type UnpackLimits } from './meter.ts'
import { Unpackable } from './refuse.ts'
import { type Compression, unpackTar } from './tar.ts'

export { Unpackable } from './refuse.ts'
export type { UnpackLimits }

/**
 * Unpacks into a directory that is empty, or made now. Only files, directories and links that stay inside are taken: at
 * anything else, and above a limit, it throws Unpackable, a sentence, with what was unpacked so far left behind. Of a
 * file's rights only whether its owner may execute it is kept. Errors of the file system are thrown as they are.
 */
export async function unpack(file: string, directory: string, limits: Partial<UnpackLimits> = {}): Promise<void> {
  const { format, bytes } = look(file)
  const meter = new Meter({ ...defaultUnpackLimits, ...limits }, bytes)
  const destination = new Destination(directory, meter)
  try {
    if (format === 'zip') await (await import('./zip.ts')).unpackZip(file, destination, meter)
    else await unpackTar(file, format, destination, meter)
  } catch (error) {
    throw isOfSystem(error) ? error : broken(error)
  }
  destination.finish()
}

const magic: readonly (readonly [Compression | 'zip', readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  // Without entries.
  ['zip', [0x50, 0x4b, 0x05, 0x06]],
]

/** What is none of the others is a tar, or its parser will say that it is not. */
function look(file: string): { format: Compression | 'zip'; bytes: number } {
  const fd = openSync(file, 'r')
  try {
    const head = Buffer.alloc(4)
    readSync(fd, head, 0, head.length, 0)
    const [format] = magic.find(([, bytes]) => bytes.every((byte, at) => head[at] === byte)) ?? ['none' as const]
    return { format, bytes: fstatSync(fd).size }
  } finally {
    closeSync(fd)
  }
}

/** A full disk or a missing file is nothing that the archive could be blamed for. */
function isOfSystem(error: unknown): boolean {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string'
}

function broken(error: unknown): Unpackable {
  if (error instanceof Unpackable) return error
  const message = `this is not a tar, tar.gz, tar.zst or zip archive that can be read: ${messageOf(error)}`
  return new Unpackable(message, { cause: error })
}
