import { unzipSync, zipSync } from 'fflate'

/** The files of a package by their path, without folders. */
export type Files = ReadonlyMap<string, Uint8Array>

const anyDay = new Date('2026-01-01T00:00:00Z')

/** Throws when the bytes are no zip. */
export function unzip(bytes: Uint8Array): Map<string, Buffer> {
  const entries = Object.entries(unzipSync(bytes))
  const files = entries.filter(([path]) => !path.endsWith('/'))
  return new Map(
    files.map(([path, content]) => [path, Buffer.from(content.buffer, content.byteOffset, content.length)]),
  )
}

/** The same files give the same bytes, whenever they are packed. */
export function zip(files: Files): Buffer {
  return Buffer.from(zipSync(Object.fromEntries(files), { mtime: anyDay, level: 1 }))
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}
