/** Loads one kind's module and writes its definition, as JSON, to fd 3. Task code never runs inside the orchestrator. */
import { writeSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const [module = ''] = process.argv.slice(2)
const { default: definition } = await import(pathToFileURL(module).href)

if (typeof definition?.run !== 'function') {
  throw new TypeError('its default export has no function `run`')
}
const { run: _run, cleanup, ...described } = definition
if (cleanup !== undefined && typeof cleanup !== 'function') {
  throw new TypeError('its `cleanup` is not a function')
}
const bytes = new TextEncoder().encode(JSON.stringify({ ...described, cleanup: cleanup !== undefined }))
for (let written = 0; written < bytes.length; ) written += writeSync(3, bytes, written)
process.exit(0)
