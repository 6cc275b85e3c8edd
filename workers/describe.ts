/** Loads one kind's module and writes its definition, as JSON, to fd 3. Task code never runs inside the orchestrator. */
import { writeSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const [module = ''] = process.argv.slice(2)
try {
  const { default: definition } = await import(pathToFileURL(module).href)
  const bytes = new TextEncoder().encode(describe(definition))
  for (let written = 0; written < bytes.length; ) written += writeSync(3, bytes, written)
} catch (thrown) {
  // Node shows an error by its name and message, and anything else by where it was thrown.
  throw thrown instanceof Error ? thrown : new Error(`it threw ${thrown}`)
}
process.exit(0)

function describe(definition: Readonly<Record<string, unknown>> | undefined): string {
  if (typeof definition?.run !== 'function') throw new TypeError('its default export has no function `run`')
  const { run: _run, cleanup, ...described } = definition
  if (cleanup !== undefined && typeof cleanup !== 'function') throw new TypeError('its `cleanup` is not a function')
  return JSON.stringify({ ...described, cleanup: cleanup !== undefined })
}
