/** One look at an org: does it let us in, how much of its day is used, what is installed. It never throws for the org's sake. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Context } from '../../context.ts'
import { SalesforceError } from '../errors.ts'
import type { OrgInput } from '../input.ts'
import { type Org, openOrg } from '../org.ts'
import { isRefused } from '../session.ts'
import { type HealthState, nextState, type Observation, statusOf, statusOfRefusal } from './state.ts'

export interface Health extends HealthState {
  readonly org: string
  readonly changed: boolean
  readonly previous: HealthState['status'] | null
  readonly orgId: string | null
  readonly username: string | null
  readonly instanceUrl: string | null
  readonly apiUsage: { readonly used: number; readonly limit: number; readonly percent: number } | null
  readonly packages: readonly Package[] | null
}

interface Package {
  readonly name: string
  readonly namespace: string | null
  readonly version: string
}

type Seen = Pick<Health, 'orgId' | 'username' | 'instanceUrl' | 'apiUsage' | 'packages'>

const nothingSeen: Seen = { orgId: null, username: null, instanceUrl: null, apiUsage: null, packages: null }

export type Check = 'limits' | 'packages'

export async function lookAt(context: Context<OrgInput>, checks: readonly Check[]): Promise<Health> {
  const { observation, seen } = await observe(context, checks)
  const file = `${context.directory}/health/${context.input.org}.json`
  const previous = readState(file)
  const { state, changed } = nextState(previous, observation, new Date().toISOString())
  writeState(file, state)
  const health = { org: context.input.org, changed, previous: previous?.status ?? null, ...state, ...seen }
  tell(context, health)
  return health
}

async function observe(
  context: Context<OrgInput>,
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
    apiUsage,
    packages: checks.includes('packages') ? await packagesOf(org) : null,
  }
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
function tell({ log }: Context<OrgInput>, { org, changed, previous, status, lastError }: Health): void {
  if (!changed) return
  const message = `org ${org} is ${status}, it was ${previous}${status === 'active' ? '' : `: ${lastError}`}`
  if (status === 'active') log.info(message)
  else log.error(message)
}

/** What cannot be read counts as nothing known: the next look makes it anew. */
function readState(file: string): HealthState | null {
  if (!existsSync(file)) return null
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as HealthState
  } catch {
    return null
  }
}

function writeState(file: string, state: HealthState): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, JSON.stringify(state), { flush: true })
  renameSync(`${file}.new`, file)
}
