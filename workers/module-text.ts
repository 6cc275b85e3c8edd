import type { ModuleText } from '../src/protocol/messages.ts'

/** Of a longer one the pipe of a worker would not take all at once. */
const mostBytes = 48 * 1024

/** Undefined for what is long. What of Node it needs is loaded by its first call. */
export function textOf(path: string): ModuleText | undefined {
  const bytes = process.getBuiltinModule('node:fs').readFileSync(path)
  if (bytes.length > mostBytes) return undefined
  const written = bytes.toString()
  const { stripTypeScriptTypes } = process.getBuiltinModule('node:module')
  const source = /\.m?ts$/.test(path) ? stripTypeScriptTypes(written) : written
  return { hash: process.getBuiltinModule('node:crypto').hash('sha256', bytes), source }
}
