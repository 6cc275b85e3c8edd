import { isDeepStrictEqual } from 'node:util'
import type { Config } from './schema.ts'

/** Settings that hold as soon as they are read again: what the scheduler and admission go by. */
const live: ReadonlySet<string> = new Set([
  'criticalSlots',
  'sharedSlots',
  'memoryMiB',
  'pools',
  'byKind',
  'tenant',
  'preemption',
  'criticalRunSeconds',
  'maxLimits',
] satisfies (keyof Config)[])

export interface Changes {
  /** The settings as they can be from now on. */
  readonly config: Config
  /** What has changed, by name: at once, and with the next start. */
  readonly changed: readonly string[]
  readonly needRestart: readonly string[]
}

/** What becomes of settings that are read again while a server runs. */
export function changesOf(inForce: Config, read: Config): Changes {
  const names = [...new Set([...Object.keys(inForce), ...Object.keys(read)])]
  const different = names.filter((name) => !isDeepStrictEqual(Reflect.get(inForce, name), Reflect.get(read, name)))
  const changed = different.filter((name) => live.has(name))
  return {
    config: { ...inForce, ...Object.fromEntries(changed.map((name) => [name, Reflect.get(read, name)])) },
    changed,
    needRestart: different.filter((name) => !live.has(name)),
  }
}
