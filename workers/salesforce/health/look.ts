/** One look at an org: does it let us in, how much of its day is used, what is installed. It never throws for the org's sake. */
import { messageOf } from '../../../src/system/message.ts'
import type { Context } from '../../context.ts'
import { SalesforceError } from '../errors.ts'
import type { OrgInput } from '../input.ts'
import { readKept, writeKept } from '../kept-file.ts'
import { type Org, openOrg } from '../org.ts'
import { isRefused } from '../session.ts'
import { type Maintenance, maintenanceOf, windowAt } from './maintenance.ts'
import { type HealthState, nextState, type Observation, statusOf, statusOfRefusal } from './state.ts'

export interface Health extends HealthState {
  readonly org: string
  readonly changed: boolean
  readonly previous: HealthState['status'] | null
  readonly orgId: string | null
  readonly username: string | null
  readonly instanceUrl: string | null
  /** When its session ends, ISO 8601; null when nothing is known of it. */
  readonly expiresAt: string | null
  readonly apiUsage: { readonly used: number; readonly limit: number; readonly percent: number } | null
  readonly packages: readonly Package[] | null
  readonly maintenance: Maintenance | null
}

export interface LookInput extends OrgInput {
  readonly checks?: readonly Check[]
  /** Of Salesforce, where it tells of maintenance. */
  readonly statusUrl?: string
  /** The webhook that is told of changes. */
  readonly notify?: string
}

interface Package {
  readonly name: string
  readonly namespace: string | null
  readonly version: string
}

type Seen = Pick<Health, 'orgId' | 'username' | 'instanceUrl' | 'expiresAt' | 'apiUsage' | 'packages'> & {
  /** As Salesforce calls where the org lives; null when it was not asked for, or the org did not tell. */
  readonly instance: string | null
}

const nothingSeen: Seen = {
  orgId: null,
  username: null,
  instanceUrl: null,
  expiresAt: null,
  apiUsage: null,
  packages: null,
  instance: null,
}

/** What is kept of an org. */
type Stored = HealthState & Pick<Seen, 'instance'>

/** `auth`, whether it lets us in, is always looked at. */
export const CHECKS = ['auth', 'limits', 'maintenance', 'packages'] as const

export type Check = (typeof CHECKS)[number]

export async function lookAt(context: Context<LookInput>): Promise<Health> {
  const { org, checks = ['limits'], statusUrl } = context.input
  const file = `${context.directory}/health/${org}.json`
  const previous = readKept<Stored>(file)
  const look = await observe(context, checks)
  const { instance = previous?.instance ?? null, ...seen } = known(look.seen)
  const now = Date.now()
  const { signal, log } = context
  const maintenance =
    checks.includes('maintenance') && instance !== null
      ? await maintenanceOf(instance, statusUrl, { signal, warn: log.warn, now })
      : null
  const { state, changed } = nextState(
    previous,
    inWindow(look.observation, maintenance, now),
    new Date(now).toISOString(),
  )
  const health: Health = { org, changed, previous: previous?.status ?? null, ...state, ...seen, maintenance }
  // Whoever is killed in between finds the same child.
  if (changed) await notify(context, health)
  writeKept(file, { ...state, instance })
  tell(context, health)
  return health
}

function known({ instance, ...seen }: Seen): Omit<Seen, 'instance'> & { readonly instance?: string } {
  return { ...seen, ...(instance !== null && { instance }) }
}

/** No answer is none of its own faults while Salesforce works on it. */
function inWindow(observation: Observation, maintenance: Maintenance | null, now: number): Observation {
  const window = observation.status === 'error' ? windowAt(maintenance, now) : undefined
  if (!window) return observation
  return { status: 'maintenance', error: `${window.name} until ${window.endsAt}: ${observation.error}` }
}

/** A task of its own: a webhook that is away holds up no look. */
async function notify({ input, submit, log }: Context<LookInput>, health: Health): Promise<void> {
  if (input.notify === undefined) return
  const { org, status, previous, since, lastOk, lastError, orgId, instanceUrl, apiUsage, maintenance } = health
  const data = { org, status, previous, since, lastOk, lastError, orgId, instanceUrl, apiUsage, maintenance }
  const message = { webhook: input.notify, event: 'org.health', data }
  try {
    await submit('notify', { kind: 'webhook.send', input: message })
  } catch (error) {
    log.warn(`the webhook ${input.notify} is not told: ${messageOf(error)}`)
  }
}

async function observe(
  context: Context<LookInput>,
  checks: readonly Check[],
): Promise<{ observation: Observation; seen: Seen }> {
  try {
    const org = await openOrg(context, { throwsOnLimit: true })
    return { observation: { status: 'active', error: null }, seen: await see(org, checks) }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const status =
      error instanceof SalesforceError ? statusOf(error) : isRefused(error) && statusOfRefusal(error.reason)
    if (!status) throw error
    return { observation: { status, error: error.message }, seen: nothingSeen }
  }
}

const timeoutMs = 15_000

async function see(org: Org, checks: readonly Check[]): Promise<Seen> {
  org.step = 'reading the limits'
  const limits = await org.request<Record<string, { Max: number; Remaining: number }>>('/limits', { timeoutMs })
  const { orgId, username, instanceUrl } = org
  const { Max: limit = 0, Remaining: left = 0 } = limits.DailyApiRequests ?? {}
  const apiUsage = { used: limit - left, limit, percent: Math.round((100 * (limit - left)) / Math.max(1, limit)) }
  return {
    orgId,
    username,
    instanceUrl,
    expiresAt: org.expiresAtMs === null ? null : new Date(org.expiresAtMs).toISOString(),
    apiUsage,
    packages: checks.includes('packages') ? await packagesOf(org) : null,
    instance: checks.includes('maintenance') ? await instanceOf(org) : null,
  }
}

async function instanceOf(org: Org): Promise<string | null> {
  const soql = 'SELECT InstanceName FROM Organization'
  const [row] = await org.data.query<{ InstanceName: string | null }>(soql, { step: 'reading on which instance it is' })
  return row?.InstanceName ?? null
}

interface InstalledPackage {
  readonly SubscriberPackage: { readonly Name: string; readonly NamespacePrefix: string | null } | null
  readonly SubscriberPackageVersion: Readonly<Record<'MajorVersion' | 'MinorVersion' | 'PatchVersion', number>> | null
}

async function packagesOf(org: Org): Promise<Package[]> {
  const version = ['MajorVersion', 'MinorVersion', 'PatchVersion'].map((part) => `SubscriberPackageVersion.${part}`)
  const soql = `SELECT SubscriberPackage.Name, SubscriberPackage.NamespacePrefix, ${version.join(', ')} FROM InstalledSubscriberPackage`
  const rows = await org.tooling.query<InstalledPackage>(soql, { step: 'reading the installed packages' })
  return rows.map(({ SubscriberPackage: of, SubscriberPackageVersion: at }) => ({
    name: of?.Name ?? '?',
    namespace: of?.NamespacePrefix ?? null,
    version: at ? `${at.MajorVersion}.${at.MinorVersion}.${at.PatchVersion}` : '?',
  }))
}

/** Changes alone: who reads the log has nothing to do about the rest. */
function tell({ log }: Context<LookInput>, { org, changed, previous, status, lastError }: Health): void {
  if (!changed) return
  const message = `org ${org} is ${status}, it was ${previous}${status === 'active' ? '' : `: ${lastError}`}`
  if (status === 'active') log.info(message)
  else log.error(message)
}
