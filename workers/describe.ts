/**
 * Loads modules of kinds and writes to fd 3, each as a line of JSON, their definitions, what of Node they and those
 * before them have loaded, and what those say that are ECMAScript modules. Task code never runs inside the orchestrator.
 */
import { writeSync } from 'node:fs'
import { builtinsLoaded } from './builtins.ts'
import { type Code, isNamespace, load } from './load.ts'
import { bytesOf, textOf } from './module-text.ts'

const before = builtinsLoaded()

try {
  const described: Described[] = []
  for (const module of process.argv.slice(2)) {
    // Before: if the file is replaced meanwhile, this is no text of what is there, and nobody is told it.
    const bytes = bytesOf(module)
    described.push(describe(module, bytes, await load(module)))
  }
  // Only now that all of them have loaded what they load: this loads more.
  for (const { module, bytes, ...one } of described) {
    say(`${JSON.stringify(bytes ? { ...one, text: textOf(module, bytes) } : one)}\n`)
  }
} catch (thrown) {
  // Node shows an error by its name and message, and anything else by where it was thrown.
  throw thrown instanceof Error ? thrown : new Error(`it threw ${thrown}`)
}
process.exit(0)

interface Described {
  readonly module: string
  /** Of an ECMAScript module that is not long. */
  readonly bytes: Buffer | undefined
  readonly definition: object
  readonly builtins: number
}

function describe(module: string, bytes: Buffer | undefined, loaded: Code): Described {
  const definition: Readonly<Record<string, unknown>> | undefined = loaded.default
  if (typeof definition?.run !== 'function') throw new TypeError('its default export has no function `run`')
  const { run: _run, cleanup, ...described } = definition
  if (cleanup !== undefined && typeof cleanup !== 'function') throw new TypeError('its `cleanup` is not a function')
  const builtins = builtinsLoaded() - before
  return {
    module,
    bytes: isNamespace(loaded) ? bytes : undefined,
    definition: { ...described, cleanup: cleanup !== undefined },
    builtins,
  }
}

function say(line: string): void {
  const bytes = new TextEncoder().encode(line)
  for (let written = 0; written < bytes.length; ) written += writeSync(3, bytes, written)
}
