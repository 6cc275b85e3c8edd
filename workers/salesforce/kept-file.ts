/** What tasks of a tenant keep for those after them: small JSON files, each written by one task at a time. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** What cannot be read counts as nothing known: whoever asks finds it out anew. */
export function readKept<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch {
    return null
  }
}

/** Whole or not at all, whoever dies meanwhile. */
export function writeKept(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(`${file}.new`, JSON.stringify(value), { flush: true, mode: 0o600 })
  renameSync(`${file}.new`, file)
}
