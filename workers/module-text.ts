import { readFileSync, realpathSync } from 'node:fs'
import type { ModuleText } from '../src/protocol/messages.ts'

/** Of a longer one the pipe of a worker would not take all at once. */
const mostBytes = 48 * 1024

/** What is in the file of a module; undefined for what is long, cannot be read, or is a link, whose imports start elsewhere. */
export function bytesOf(path: string): Buffer | undefined {
  try {
    const bytes = readFileSync(path)
    return bytes.length > mostBytes || realpathSync(path) !== path ? undefined : bytes
  } catch {
    return undefined
  }
}

/**
 * What an ECMAScript module says; undefined where Node makes of it what only Node knows how to make. What is needed for it
 * is loaded by the first call.
 */
export function textOf(path: string, bytes: Buffer): ModuleText | undefined {
  const hash = process.getBuiltinModule('node:crypto').hash('sha256', bytes)
  try {
    return { hash, source: javaScriptOf(path, bytes.toString()) }
  } catch {
    return undefined
  }
}

/** As Node 24 does it, to the last letter: what V8 has compiled of the one it finds for the other. */
function javaScriptOf(path: string, written: string): string {
  if (!/\.m?ts$/.test(path)) return written
  const { stripTypeScriptTypes } = process.getBuiltinModule('node:module')
  return stripTypeScriptTypes(written, { sourceUrl: process.getBuiltinModule('node:url').pathToFileURL(path).href })
}
