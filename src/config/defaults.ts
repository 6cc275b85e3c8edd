import { noMaxima } from '../access/bounds.ts'
import { defaultLimits } from '../task/limits.ts'
import { defaultSettlePolicy } from '../task/settlement.ts'
import { type Host, thisHost } from './host.ts'
import type { Config } from './schema.ts'
import { defaultSecrets } from './secrets.ts'

/** What is left to the orchestrator, the system and all others. */
const reserveMiB = 512
/** What a task usually may use. */
const taskMiB = 512

const freely = { max: null, share: 1, windows: [] }
const noneByPool = { critical: null, normal: null, batch: null }

/** What holds where nothing is set. Slots come from cores and memory. */
export function defaults(host: Host = thisHost()): Config {
  const { cores } = host
  const memoryMiB = Math.max(taskMiB, host.memoryMiB - reserveMiB)
  return {
    host: '127.0.0.1',
    port: 7070,
    data: '.mayfly',
    secrets: defaultSecrets,
    oidc: [],
    forgetSecrets: false,
    kinds: [],
    isolation: 'auto',
    mounts: [],
    workspace: 'disk',
    allowSecretsInCommands: false,
    criticalSlots: 1,
    sharedSlots: Math.max(1, Math.min(cores, Math.floor(memoryMiB / taskMiB))),
    scaling: true,
    memoryMiB,
    pools: { critical: freely, normal: { min: 0, ...freely }, batch: { min: 0, ...freely } },
    byKind: {},
    tenant: {
      weight: 1,
      running: null,
      poolRunning: noneByPool,
      queued: 100_000,
      poolQueued: noneByPool,
      submitsPerMinute: 60_000,
      memoryMiB: null,
      processSecondsPerDay: null,
      runSeconds: null,
      timeZone: 'UTC',
    },
    preemption: { exemptSeconds: 30, most: 3 },
    limits: defaultLimits,
    maxLimits: noMaxima,
    criticalRunSeconds: 3600,
    tenantSchedules: 1_000,
    shortestScheduleSeconds: 10,
    ...defaultSettlePolicy,
    recoverSeconds: 10,
    startDeadlineSeconds: 10,
    askGraceSeconds: 10,
    exitGraceSeconds: 5,
    stopGraceSeconds: 30,
    standby: 1 + cores,
    standbyFloor: { critical: 1, normal: 1, batch: 0 },
    standbyMiB: 256,
    standbySeconds: 900,
    maxUploadMiB: 512,
    maxTenantUploadMiB: 4096,
    maxTenantUploads: 1_000,
    maxTenantDirectoryMiB: 100 * 1024,
    maxTaskEvents: 100_000,
    retainDays: 7,
    retainTasks: 10_000,
    retainUploadHours: 24,
    environment: {},
    allowedOrigins: [],
    logLevel: 'info',
  }
}
