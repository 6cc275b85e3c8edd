import { pathToFileURL } from 'node:url'
import { type Check, checkOf } from '../contract/check.ts'
import type { KindDefinition } from '../contract/kind.ts'
import type { Limits, Pool, RetryPolicy } from '../task/task.ts'

/** A kind as the orchestrator knows it: everything but its code, which only workers load. */
export interface Kind {
  readonly name: string
  readonly pool: Pool
  /** URL of the module that a worker imports. */
  readonly module: string
  readonly limits: Limits
  readonly retry: RetryPolicy
  /** What is wrong with an input, in one sentence; nothing when it is right. */
  readonly checkInput: Check
}

/** What tasks get whose kind and request say nothing: enough for a build, too little for a runaway. */
export const defaultLimits: Limits = {
  runSeconds: 3600,
  silenceSeconds: 900,
  memoryMiB: 512,
  outputMiB: 64,
  workspaceMiB: 2048,
}

export const defaultRetry: RetryPolicy = { maxAttempts: 1, backoffSeconds: 1, maxBackoffSeconds: 300 }

export type Registry = ReadonlyMap<string, Kind>

/** The first definition of a name wins: the built-in kinds come first, so that none can be replaced unseen. */
export function createRegistry(found: readonly { module: string; definition: KindDefinition }[]): Registry {
  const registry = new Map<string, Kind>()
  for (const { module, definition } of found) {
    if (!registry.has(definition.kind)) registry.set(definition.kind, toKind(module, definition))
  }
  return registry
}

function toKind(module: string, definition: KindDefinition): Kind {
  return {
    name: definition.kind,
    pool: definition.pool,
    module: pathToFileURL(module).href,
    limits: { ...defaultLimits, ...definition.limits },
    retry: { ...defaultRetry, ...definition.retry },
    checkInput: checkOf(definition.input, 'input'),
  }
}
