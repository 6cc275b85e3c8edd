/** What can be set, with its bounds. */
import { closed, count, seconds } from '../contract/fragments.ts'
import { perPool } from '../contract/quota.ts'
import { type Static, Type } from '../contract/schema.ts'
import { LimitDefaults, LimitMaxima } from './limits.ts'
import { Oidc } from './oidc.ts'
import { ByKind, mebibytes, Pools, Preemption, TenantDefaults } from './scheduling.ts'
import { Secrets } from './secrets.ts'

const daySeconds = 86_400

export const Config = closed({
  host: Type.String({ minLength: 1 }),
  port: count(0, 65_535),
  data: Type.String({ minLength: 1, description: 'directory of the journal, the workspaces and the admin token' }),
  masterKey: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'the master key, where it is not in data: a file, keychain:SERVICE/ACCOUNT (each made when it is missing), or passphrase',
    }),
  ),
  formerMasterKey: Type.Optional(
    Type.String({ minLength: 1, description: 'the master key until now, for one start with another one' }),
  ),
  passphraseFd: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1_000,
      description: 'descriptor to read the passphrase from, in place of a terminal',
    }),
  ),
  credentials: Type.Optional(
    Type.String({
      description: 'directory of systemd credentials: a mayfly-master-key in it comes before the one in data',
    }),
  ),
  secrets: Secrets,
  oidc: Oidc,
  forgetSecrets: Type.Boolean({ description: 'give up all stored secrets: for when the master key is lost' }),
  kinds: Type.Array(Type.String(), { description: 'further directories of kinds' }),
  isolation: Type.Union([
    Type.Literal('auto', { description: 'the best level that works here' }),
    closed({ require: count(0, 3) }, 'refuse to start below this level'),
    closed({ atMost: count(0, 3) }, 'never use a higher level'),
  ]),
  users: Type.Optional(
    closed(
      {
        first: Type.Integer({ minimum: 1_000, maximum: 2_000_000_000, description: 'the number of the first' }),
        count: Type.Integer({ minimum: 1, maximum: 10_000, description: 'as many as workers that may live at once' }),
      },
      'users and groups of the machine that are nobody else’s, for workers to be at isolation level 3, each another one; accounts they need not have',
    ),
  ),
  mounts: Type.Array(Type.String({ pattern: '^/', maxLength: 4_000 }), {
    maxItems: 100,
    description:
      'directories and files of the machine that all tasks may read at isolation level 2: toolchains, a CA bundle',
  }),
  workspace: Type.Enum(['disk', 'memory'], {
    description:
      'where tasks have their files whose kind says nothing: on disk, or in memory, which takes isolation level 2 and counts as memory of theirs',
  }),
  allowSecretsInCommands: Type.Boolean({
    description:
      'tasks may hand secrets on to commands (secretEnv, secretFiles) below isolation level 2 also where there are several tenants',
  }),
  criticalSlots: Type.Integer({
    minimum: 0,
    maximum: 1_000,
    description: 'slots for critical tasks alone, in addition to the shared ones',
  }),
  sharedSlots: Type.Integer({
    minimum: 1,
    maximum: 1_000,
    description: 'slots for all; a default comes from cores and memory',
  }),
  scaling: Type.Boolean({ description: 'use fewer of the shared slots while memory is short or the load too high' }),
  memoryMiB: mebibytes('what running tasks may use together, by their limits; null: nobody counts'),
  pools: Pools,
  byKind: ByKind,
  tenant: TenantDefaults,
  preemption: Preemption,
  limits: LimitDefaults,
  maxLimits: LimitMaxima,
  criticalRunSeconds: Type.Number({
    minimum: 1,
    maximum: 7 * daySeconds,
    description: 'seconds that an attempt may take in the critical pool',
  }),
  tenantSchedules: count(0, 100_000),
  shortestScheduleSeconds: seconds(0.1, daySeconds),
  maxStartFailures: count(1, 1_000),
  maxLosses: count(1, 1_000_000),
  recoverSeconds: seconds(0.1, 600),
  startDeadlineSeconds: seconds(0.1, 600),
  askGraceSeconds: seconds(0, 3600),
  exitGraceSeconds: seconds(0, 3600),
  stopGraceSeconds: seconds(0, daySeconds),
  standby: Type.Integer({
    minimum: 0,
    maximum: 1_000,
    description: 'workers that wait ahead of tasks at most; 0: none',
  }),
  standbyFloor: perPool(
    Type.Integer({ minimum: 0, maximum: 1_000 }),
    'of them, those that wait for tasks of a pool however long none has come; critical ones first',
  ),
  standbyMiB: Type.Integer({ minimum: 0, maximum: 1024 * 1024, description: 'memory that they take together at most' }),
  standbySeconds: seconds(1, daySeconds),
  maxUploadMiB: count(1, 1024 * 1024),
  maxTenantUploadMiB: count(1, 1024 * 1024),
  maxTenantUploads: count(1, 1_000_000),
  maxTenantDirectoryMiB: Type.Integer({
    minimum: 1,
    maximum: 1024 ** 3,
    description: 'what the directories of one tenant may take together that kinds name, such as for backups',
  }),
  maxTaskEvents: Type.Integer({
    minimum: 1_000,
    maximum: 100_000_000,
    description: 'the newest events of a task that are kept while it runs and after',
  }),
  retainDays: Type.Number({ minimum: 0, maximum: 36_500, description: 'days that settled tasks stay' }),
  retainTasks: count(0, 1_000_000_000),
  retainUploadHours: Type.Number({
    minimum: 0,
    maximum: 876_000,
    description: 'hours that uploads without a task stay',
  }),
  environment: Type.Record(Type.String(), Type.String(), {
    description: 'added to the environment of every worker: a proxy, a CA bundle; never a secret',
  }),
  allowedOrigins: Type.Array(Type.String(), {
    description: 'web pages that may ask and open streams, such as https://ci.example.com',
  }),
  logLevel: Type.Enum(['debug', 'info', 'warn', 'error', 'silent']),
})

export type Config = Static<typeof Config>
