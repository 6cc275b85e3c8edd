import { readFileSync } from 'node:fs'
import { ConfigError } from './error.ts'
import type { Config } from './schema.ts'

/** Settings of which a file may give a part: the rest stays as it was. */
const nested: ReadonlySet<string> = new Set([
  'pools',
  'tenant',
  'preemption',
  'secrets',
  'limits',
  'maxLimits',
] satisfies (keyof Config)[])

/** Names that settings once had, and those that they have. */
const renamed: Readonly<Record<string, string>> = {
  tenantRunning: 'tenant.running',
  tenantQueued: 'tenant.queued',
  tenantSubmitsPerMinute: 'tenant.submitsPerMinute',
  openFiles: 'limits.openFiles',
}

/** What a file says, unchecked but for that. Throws ConfigError. */
export function readConfigFile(path: string): Partial<Config> {
  let settings: unknown
  try {
    settings = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new ConfigError(`${path} cannot be read as JSON: ${error instanceof Error ? error.message : error}`)
  }
  if (!isPlain(settings)) throw new ConfigError(`${path} must hold an object with the settings by their names`)
  for (const [old, name] of Object.entries(renamed)) {
    const [object] = name.split('.')
    if (old in settings) throw new ConfigError(`${old} is ${name} by now: write {"${object}": {…}}`)
  }
  // Editors find there what may be set.
  const { $schema: _schema, ...others } = settings
  return others
}

/** The same with a layer of settings on top. */
export function merge(below: Config, layer: Partial<Config>): Config {
  const merged = Object.entries(layer).map(([name, value]) => [
    name,
    nested.has(name) ? mergeDeep(Reflect.get(below, name), value) : value,
  ])
  return { ...below, ...Object.fromEntries(merged) }
}

function mergeDeep(below: unknown, above: unknown): unknown {
  if (!isPlain(below) || !isPlain(above)) return above
  const merged = Object.entries(above).map(([name, value]) => [name, mergeDeep(below[name], value)])
  return { ...below, ...Object.fromEntries(merged) }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
