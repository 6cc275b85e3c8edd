import type { Bounds } from '../access/bounds.ts'
import type { Credential } from '../access/credential.ts'
import type { TaskRequest } from '../contract/request.ts'
import { cutOffRefusal } from '../kinds/cut-off.ts'
import { inMemoryRefusal } from '../kinds/in-memory.ts'
import type { Kind, Registry } from '../kinds/registry.ts'
import { complaintOf } from '../kinds/templates.ts'
import { Refusal } from '../task/errors.ts'
import type { Pool, Task } from '../task/task.ts'
import { concurrencyOf } from './concurrency.ts'
import { limitsOf } from './limits.ts'
import { poolOf, refuseForeign } from './rights.ts'
import { type KnownProviders, noSecrets, refuseHandingOn, secretsOf, withDefaults } from './secrets.ts'

export interface Submission {
  readonly id: string
  /** Whose task it becomes, and what it may ask for. */
  readonly caller: Credential
  readonly request: TaskRequest
  readonly now: number
  /** What is not the client's to say. */
  readonly own?: Partial<Pick<Task, 'retryOf' | 'debug'>> | undefined
}

/** What a request is judged by. */
export interface Grounds {
  readonly registry: Registry
  readonly providers: KnownProviders
  /** Whether tasks may hand secrets on to commands, as things are now. */
  readonly mayHandOn: () => boolean
  /** Whether tasks can be kept from the network. */
  readonly canCutOff: boolean
  /** Whether they can have their files in memory. */
  readonly keepsInMemory: boolean
  /** What a task of a tenant in a pool may ask for, as things are now. */
  readonly boundsOf: (tenant: string, pool: Pool) => Bounds
}

/** The queued task that a request asks for; throws the Refusal that says why there is none. */
export function toTask(
  { id, caller, request, now, own }: Submission,
  { registry, providers, mayHandOn, canCutOff, keepsInMemory, boundsOf }: Grounds,
): Task {
  const kind = kindOf(request, registry)
  if (kind.network === 'none' && !canCutOff) throw new Refusal('FORBIDDEN', cutOffRefusal)
  if (kind.limits.workspace === 'memory' && !keepsInMemory) throw new Refusal('FORBIDDEN', inMemoryRefusal)
  const complaint = kind.checkInput(request.input) ?? complaintOf(kind, request.input)
  if (complaint) throw new Refusal('INVALID_INPUT', complaint)
  refuseForeign(caller, kind, request.input)
  const asked = withDefaults(request.secrets ?? noSecrets, kind, request.input, caller.tenant, providers)
  const secrets = secretsOf(asked, kind, caller.tenant, providers)
  refuseHandingOn(request.input, secrets, kind, mayHandOn)
  const pool = poolOf(request, kind, caller)
  return {
    id,
    tenant: caller.tenant,
    kind: kind.name,
    pool,
    state: 'queued',
    attempt: 0,
    input: request.input,
    labels: request.labels ?? noLabels,
    priority: request.priority ?? 0,
    concurrency: concurrencyOf(request, kind),
    secrets,
    retry: request.retry ? { ...kind.retry, ...request.retry } : kind.retry,
    limits: limitsOf(request.limits, kind.limits, boundsOf(caller.tenant, pool)),
    notBefore: request.notBefore === undefined ? null : Date.parse(request.notBefore),
    expiresAt: request.ttlSeconds === undefined ? null : now + request.ttlSeconds * 1000,
    createdAt: now,
    // Nothing has happened to it.
    front: false,
    failures: 0,
    startFailures: 0,
    losses: 0,
    preemptions: 0,
    cancelRequested: false,
    checkpoint: null,
    progress: null,
    outcome: null,
    result: null,
    error: null,
    startedAt: null,
    settledAt: null,
    // The event that comes with it.
    lastSeq: 1,
    parent: null,
    childKey: null,
    depth: 0,
    retryOf: own?.retryOf ?? null,
    debug: own?.debug ?? false,
    awaits: null,
    cleaning: null,
    cleanupFailures: 0,
    isolation: null,
    node: null,
  }
}

const noLabels: Task['labels'] = Object.freeze({})

function kindOf(request: TaskRequest, registry: Registry): Kind {
  const kind = registry.get(request.kind)
  if (kind) return kind
  const known = [...registry.keys()].sort().join(', ')
  throw new Refusal('UNKNOWN_KIND', `there is no kind ${request.kind}; this server has ${known || 'none'}`)
}
