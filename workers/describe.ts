/**
 * Loads modules of kinds and writes to fd 3, each as a line of JSON, their definitions, what of Node they and those
 * before them have loaded, and whether they are ECMAScript modules. Task code never runs inside the orchestrator.
 */
import { writeSync } from 'node:fs'
import { builtinsLoaded } from './builtins.ts'
import { type Code, isNamespace, load } from './load.ts'

const before = builtinsLoaded()

try {
  for (const module of process.argv.slice(2)) {
    const bytes = new TextEncoder().encode(`${describe(await load(module))}\n`)
    for (let written = 0; written < bytes.length; ) written += writeSync(3, bytes, written)
  }
} catch (thrown) {
  // Node shows an error by its name and message, and anything else by where it was thrown.
  throw thrown instanceof Error ? thrown : new Error(`it threw ${thrown}`)
}
process.exit(0)

function describe(loaded: Code): string {
  const definition: Readonly<Record<string, unknown>> | undefined = loaded.default
  if (typeof definition?.run !== 'function') throw new TypeError('its default export has no function `run`')
  const { run: _run, cleanup, ...described } = definition
  if (cleanup !== undefined && typeof cleanup !== 'function') throw new TypeError('its `cleanup` is not a function')
  const builtins = builtinsLoaded() - before
  return JSON.stringify({
    definition: { ...described, cleanup: cleanup !== undefined },
    builtins,
    isModule: isNamespace(loaded),
  })
}
