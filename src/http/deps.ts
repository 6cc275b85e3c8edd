import type { Access } from '../access/access.ts'
import type { Credential } from '../access/credential.ts'
import type { Explanation } from '../contract/explanation.ts'
import type { ContractKind } from '../contract/kinds.ts'
import type { ProcessTime } from '../contract/quota.ts'
import type { Readiness } from '../contract/readiness.ts'
import type { TaskRequest } from '../contract/request.ts'
import type { Stats } from '../contract/stats.ts'
import type { ArtifactStore } from '../files/artifacts.ts'
import type { Journal } from '../journal/journal.ts'
import type { Upload } from '../journal/uploads.ts'
import type { Pauses } from '../schedule/pauses.ts'
import type { Schedules } from '../schedules/schedules.ts'
import type { Vault } from '../secrets/vault.ts'
import type { Hub } from '../stream/hub.ts'
import type { Asked } from '../submit/desk.ts'
import type { Submitted } from '../submit/once.ts'
import type { Clock } from '../system/clock.ts'
import type { Logger } from '../system/logger.ts'
import type { Task } from '../task/task.ts'
import type { EdgeLimits } from './limits.ts'

/** All that the edge needs from the rest. Whatever refuses throws a Refusal; anything else thrown is a fault. */
export interface ServerDeps {
  /** Resolves once the task is durable. The request has the contract's shape; its input is the kind's to check. */
  readonly submit: (caller: Credential, request: TaskRequest, idempotencyKey?: string) => Promise<Submitted>
  /** The same for several, with one commit: a promise for each, in order. */
  readonly submitAll: (caller: Credential, asked: readonly Asked[]) => readonly Promise<Submitted>[]
  /** Resolves once the wish is durable. Refuses an unknown task and one that has ended. */
  readonly cancel: (tenant: string, id: string, reason: string | null) => Promise<Task>
  /** Resolves once the new task is durable. Refuses an unknown task and one that has not ended. */
  readonly retry: (caller: Credential, id: string, debug: boolean) => Promise<Task>
  /** Why a task waits, and for how long still. Refuses an unknown task. */
  readonly explain: (tenant: string, id: string) => Promise<Explanation>
  readonly kinds: () => readonly ContractKind[]
  readonly journal: Pick<Journal, 'task' | 'tasks' | 'events' | 'attempts' | 'artifacts' | 'audit'>
  /** Resolves once the bytes are durable; refuses what is too large or too much. */
  readonly receiveUpload: (tenant: string, chunks: AsyncIterable<Uint8Array>, announcedBytes: number) => Promise<Upload>
  readonly artifacts: Pick<ArtifactStore, 'read'>
  readonly vault: Pick<Vault, 'put' | 'delete' | 'list' | 'unseal' | 'publicKey' | 'rotation'>
  readonly hub: Hub
  readonly access: Access
  readonly pauses: Pick<Pauses, 'list' | 'create' | 'remove'>
  readonly schedules: Pick<Schedules, 'create' | 'list' | 'show' | 'change' | 'remove' | 'run' | 'pause' | 'resume'>
  /** Answers one message of the Model Context Protocol, as a client of this server. Loaded when it is first asked. */
  readonly mcp: (call: McpCall) => Promise<McpAnswer>
  /** What waits and runs, of all tenants or of one. */
  readonly stats: (tenant?: string) => Stats
  readonly processTimeOf: (tenant: string) => ProcessTime
  readonly readiness: () => Readiness
  readonly node: string
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: EdgeLimits
  /** Web pages that may open a stream, such as "https://ci.example.com". */
  readonly allowedOrigins: readonly string[]
  /** Told of every route that there is. */
  readonly onRoute?: ((route: { readonly method: string | string[]; readonly url: string }) => void) | undefined
}

/** A message of the Model Context Protocol, already read. */
export interface McpCall {
  readonly request: Request
  readonly message: unknown
  /** Where this server is reached from here, and whose credential the message came with. */
  readonly url: string
  readonly token: string
  readonly tenant: string | undefined
  /** Aborted with a refusal when this server stops. */
  readonly over: AbortSignal
  readonly onFault: (error: unknown) => void
}

export interface McpAnswer {
  readonly response: Response
  /** To be called when the answer has been read, or never will be. */
  close(): void
}
