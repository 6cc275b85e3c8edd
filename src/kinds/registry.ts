import { type Check, inputCheckOf } from '../contract/check.ts'
import type { KindDefinition } from '../contract/kind.ts'
import type { ContractKind } from '../contract/kinds.ts'
import { defaultLimits } from '../task/limits.ts'
import type { Limits, Pool, RetryPolicy } from '../task/task.ts'
import { Appetite } from './appetite.ts'
import { ModuleFile } from './module-file.ts'
import type { Found } from './read.ts'
import { templatesOf } from './templates.ts'

/** A kind as the orchestrator knows it: everything but its code, which only workers load. */
export interface Kind {
  readonly name: string
  readonly title: string | null
  readonly pool: Pool
  /** Path of the module that a worker loads. */
  readonly module: string
  readonly limits: Limits
  readonly retry: RetryPolicy
  /** The secrets that a request may give, and must; undefined for a kind that takes any. */
  readonly secrets: KindDefinition['secrets']
  /** Where its tasks may store secrets, as templates by the names that they know them by. */
  readonly stores: Readonly<Record<string, string>>
  /** The concurrency key of all its tasks, as a template; null where that is a request's to say. */
  readonly concurrency: { readonly key: string; readonly limit: number } | null
  /** Every text of its definition in which members of an input stand. */
  readonly templates: readonly string[]
  /** JSON schema of its input. */
  readonly input: Readonly<Record<string, unknown>>
  /** The same of its result, null where it says nothing of it. */
  readonly result: Readonly<Record<string, unknown>> | null
  readonly hasCleanup: boolean
  /** What its tasks do is needed by whoever submits them, at once, and harms nobody when it is done for nothing. */
  readonly servesParents: boolean
  /** URLs of modules that a worker loads before it is told a task of this kind. */
  readonly preload: readonly string[]
  /** What of Node its tasks have loaded. */
  readonly appetite: Appetite
  /** What a worker has of the network; keeping it off takes isolation level 2. */
  readonly network: 'host' | 'none'
  /** Directories and files of the machine that a worker may read, beside what all may. */
  readonly mounts: readonly string[]
  /** The directory of their tenant that its tasks have, null where they have none. */
  readonly directory: string | null
  /** SHA-256 of the module as it is now, null when it cannot be read. */
  readonly hash: () => string | null
  /** What that hash is of, where it can be told. */
  readonly text: () => string | undefined
  /** Members of its input that name uploads. */
  readonly uploads: readonly string[]
  /** Members of its input whose values name secrets that go to a command, by where they go to. */
  readonly handingOn: readonly string[]
  /** What is wrong with an input, in one sentence; nothing when it is right. */
  readonly checkInput: Check
  /** The same for whoever may not have places of the machine read; undefined where the input names none. */
  readonly checkWithoutHostPaths: Check | undefined
  /** Members of its input that name places of the machine. */
  readonly hostPaths: readonly string[]
}

export const defaultRetry: RetryPolicy = { maxAttempts: 1, backoffSeconds: 1, maxBackoffSeconds: 300 }

export type Registry = ReadonlyMap<string, Kind>

/** `limits` hold where a kind says nothing. The first definition of a name wins: the built-in kinds come first, so that none can be replaced unseen. */
export function createRegistry(
  found: readonly Found[],
  limits: Limits = defaultLimits,
): { registry: Registry; passedOver: Found[] } {
  const registry = new Map<string, Kind>()
  const passedOver: Found[] = []
  for (const one of found) {
    const { kind } = one.definition
    if (registry.has(kind)) passedOver.push(one)
    else registry.set(kind, toKind(one, limits))
  }
  return { registry, passedOver }
}

function toKind({ module, definition, builtins, text }: Found, limits: Limits): Kind {
  const file = new ModuleFile(module, text)
  const modest = withoutHostPaths(definition.input)
  return {
    name: definition.kind,
    title: definition.title ?? null,
    pool: definition.pool,
    module,
    // Frozen, because tasks that ask for nothing else share them.
    limits: Object.freeze({
      ...limits,
      ...definition.limits,
      ...(definition.workspace && { workspace: definition.workspace }),
    }),
    retry: Object.freeze({ ...defaultRetry, ...definition.retry }),
    secrets: definition.secrets,
    stores: definition.stores ?? {},
    concurrency: definition.concurrency ? { limit: 1, ...definition.concurrency } : null,
    templates: templatesOf(definition).map(([, template]) => template),
    input: definition.input,
    result: definition.result ?? null,
    hasCleanup: definition.cleanup ?? false,
    servesParents: definition.serves === 'parents',
    preload: definition.preload ?? [],
    appetite: new Appetite(builtins ?? Number.POSITIVE_INFINITY),
    network: definition.network ?? 'host',
    mounts: definition.mounts ?? [],
    directory: definition.directory ?? null,
    hash: () => file.hash(),
    text: () => file.text(),
    uploads: membersOf(definition.input, (schema) => formatOf(schema) === 'upload'),
    handingOn: membersOf(definition.input, (schema) => formatOf(schema?.additionalProperties) === 'secret-to-command'),
    checkInput: inputCheckOf(definition.input, 'input'),
    hostPaths: membersOf(definition.input, (schema) => formatOf(schema) === 'host-path'),
    checkWithoutHostPaths: modest && inputCheckOf(modest, 'input'),
  }
}

type Schema = { readonly format?: unknown; readonly additionalProperties?: unknown } | null

/** Top-level members of an input whose schema is such. */
function membersOf({ properties }: KindDefinition['input'], isSuch: (schema: Schema) => boolean): readonly string[] {
  const members = Object.entries(typeof properties === 'object' && properties !== null ? properties : {})
  return members.filter(([, schema]) => isSuch(schema as Schema)).map(([name]) => name)
}

function formatOf(schema: unknown): unknown {
  return (schema as Schema | undefined)?.format
}

/**
 * The same schema with nothing allowed where it asks for a place of the machine, wherever that stands; undefined when it
 * never does.
 */
function withoutHostPaths(schema: KindDefinition['input']): KindDefinition['input'] | undefined {
  let found = false
  const text = JSON.stringify(schema, (_name, value) => {
    if (value?.format !== 'host-path') return value
    found = true
    return false
  })
  return found ? JSON.parse(text) : undefined
}

/** The kind as clients see it. */
export function toContractKind(kind: Kind): ContractKind {
  const { name, title, pool, input, result, secrets, stores, concurrency, retry, directory, hasCleanup } = kind
  const { workspace = 'disk', ...limits } = kind.limits
  return {
    kind: name,
    title,
    pool,
    input,
    result,
    secrets: toSecrets(secrets),
    stores,
    concurrency,
    limits,
    workspace,
    retry,
    directory,
    cleanup: hasCleanup,
    hash: kind.hash(),
  }
}

type Declared = NonNullable<Kind['secrets']>[string]

function toSecrets(secrets: Kind['secrets']): ContractKind['secrets'] {
  if (!secrets) return null
  const shown = ([name, { required = false, reference }]: [string, Declared]) =>
    [name, { required, reference: reference ?? null }] as const
  return Object.fromEntries(Object.entries(secrets).map(shown))
}
