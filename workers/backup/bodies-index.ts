/** The list of bodies in a backup: lines `id,path,bytes,sha256`. */
import type { StoredFile } from './manifest.ts'

export interface Body extends StoredFile {
  readonly id: string
}

/** Half a line at the end is from an attempt that was ended in it. */
export function readIndex(text: string): Body[] {
  const lines = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean)
  return lines.map((line) => {
    const [id = '', path = '', bytes = '', sha256 = ''] = line.split(',')
    return { id, path, bytes: Number(bytes), sha256 }
  })
}

export function toIndexLine({ id, path, bytes, sha256 }: Body): string {
  return `${id},${path},${bytes},${sha256}\n`
}
