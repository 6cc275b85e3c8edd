import type { Readable } from 'node:stream'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import type { Destination } from './destination.ts'
import type { Meter } from './meter.ts'
import { shown, Unpackable } from './refuse.ts'

const fileType = { mask: 0o170000, none: 0, regular: 0o100000, directory: 0o040000, link: 0o120000 } as const
const longestTargetBytes = 4_096

/** Reads a zip entry by entry, as its directory at the end lists them. */
export async function unpackZip(file: string, destination: Destination, meter: Meter): Promise<void> {
  // Names are checked where those of a tar are; what is in them is decided here.
  const zip = await openPromise(file, { autoClose: false })
  try {
    for await (const entry of zip.eachEntry()) await take(zip, entry, destination, meter)
  } finally {
    zip.close()
  }
}

async function take(zip: ZipFile, entry: Entry, destination: Destination, meter: Meter): Promise<void> {
  const mode = entry.externalFileAttributes >>> 16
  const type = mode & fileType.mask
  if (entry.fileName.endsWith('/') || type === fileType.directory) return destination.directory(entry.fileName)
  if (entry.isEncrypted()) throw refused(entry, 'is encrypted')
  if (!entry.canDecodeFileData()) throw refused(entry, 'is compressed in a way that is not read here')
  const bytes = await zip.openReadStreamPromise(entry)
  // Whoever reads hears of it; it may also come when nobody reads any more.
  bytes.on('error', () => {})
  if (type === fileType.link) return destination.link(entry.fileName, await targetOf(entry, bytes, meter))
  if (type !== fileType.none && type !== fileType.regular) throw refused(entry, 'is neither file, directory nor link')
  await destination.file(entry.fileName, (mode & 0o100) !== 0, bytes)
}

async function targetOf(entry: Entry, bytes: Readable, meter: Meter): Promise<string> {
  if (entry.uncompressedSize > longestTargetBytes) throw refused(entry, 'is a link that is too long')
  const chunks: Buffer[] = []
  for await (const chunk of bytes) {
    meter.addBytes(chunk.length)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function refused({ fileName }: Entry, why: string): Unpackable {
  return new Unpackable(`the archive is refused: its entry ${shown(fileName)} ${why}`)
}
