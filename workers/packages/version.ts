/** A package version as the org sees it: whether it is there yet, and whether it can be installed. */
import type { Context } from '../context.ts'
import { FatalError } from '../errors/steering.ts'
import { SalesforceError } from '../salesforce/errors.ts'
import type { Org } from '../salesforce/org.ts'
import { intervals } from '../salesforce/poll.ts'
import { pause } from '../salesforce/transport.ts'
import type { InstallInput, Wanted } from './input.ts'
import type { InstallMemory } from './saved.ts'

export interface Version {
  readonly Id: string
  readonly SubscriberPackageId: string | null
  readonly MajorVersion: number
  readonly MinorVersion: number
  readonly PatchVersion: number
  readonly BuildNumber: number
  readonly InstallValidationStatus: string
}

const fields = 'Id, SubscriberPackageId, MajorVersion, MinorVersion, PatchVersion, BuildNumber, InstallValidationStatus'

/** Of a version that is on its way to the org, or whose predecessor is on its way out. */
const passing = ['PACKAGE_UNAVAILABLE', 'PACKAGE_UNAVAILABLE_CRC', 'PACKAGE_UNAVAILABLE_ZIP', 'UNINSTALL_IN_PROGRESS']
const pace = { firstMs: 5_000, longestMs: 30_000 }

/** Waits for it as long as the input says. Rejects with what is in its way. */
export async function publishedVersion(
  context: Context<InstallInput>,
  org: Org,
  { versionId, installationKey }: Wanted,
  memory: InstallMemory,
): Promise<Version> {
  const { pollSeconds, publishWaitSeconds = 0 } = context.input
  const key = installationKey === undefined ? undefined : context.secrets.text(installationKey)
  org.step = `looking at package version ${versionId}`
  for (const waits = intervals(pace, pollSeconds); ; await pause(waits.next().value, context.signal)) {
    const version = await look(org, versionId, key)
    const status = version?.InstallValidationStatus ?? 'PACKAGE_UNAVAILABLE'
    if (version && !passing.includes(status)) return checked(version, org)
    const sinceMs = memory.saved.waitingSinceMs ?? Date.now()
    if (memory.saved.waitingSinceMs === null) await memory.waits(sinceMs)
    const waitedSeconds = Math.round((Date.now() - sinceMs) / 1_000)
    if (Date.now() - sinceMs >= publishWaitSeconds * 1_000) throw unavailable(org, versionId, version && status)
    const message = `${versionId} is ${status} since ${waitedSeconds} s`
    context.progress({ phase: 'waiting for the package to be published', percent: null, message })
  }
}

async function look(org: Org, versionId: string, key: string | undefined): Promise<Version | undefined> {
  const andKey = key === undefined ? '' : ` AND InstallationKey = '${key.replace(/[\\']/g, '\\$&')}'`
  const [version] = await org.tooling.query<Version>(
    `SELECT ${fields} FROM SubscriberPackageVersion WHERE Id = '${versionId}'${andKey}`,
  )
  return version
}

function checked(version: Version, { alias }: Org): Version {
  const { Id, InstallValidationStatus: status } = version
  if (status === 'NO_ERRORS_DETECTED') return version
  throw new FatalError(
    `org ${alias}: package version ${Id} cannot be installed: Salesforce says ${status}. Look the status up under SubscriberPackageVersion in the Tooling API, and remove what is in the way`,
    { code: 'PACKAGE_REFUSED' },
  )
}

function unavailable({ alias }: Org, versionId: string, status: string | undefined): FatalError {
  const what =
    status === undefined
      ? `does not know package version ${versionId} with this installation key: look at the id and at the key`
      : `does not have package version ${versionId} yet (${status})`
  return new FatalError(
    `org ${alias} ${what}. A version that is new takes minutes to arrive: give publishWaitSeconds time for it`,
    { code: 'PACKAGE_UNAVAILABLE' },
  )
}

/** For people: "Name 1.2.0.4". */
export async function titleOf(version: Version, org: Org): Promise<string> {
  const { SubscriberPackageId: id, MajorVersion, MinorVersion, PatchVersion, BuildNumber } = version
  const number = [MajorVersion, MinorVersion, PatchVersion, BuildNumber].join('.')
  return `${(await nameOf(id, org)) ?? id ?? 'version'} ${number}`
}

/** Null where Salesforce does not tell it: nothing fails for that. */
async function nameOf(packageId: string | null, org: Org): Promise<string | null> {
  if (packageId === null) return null
  try {
    const soql = `SELECT Name FROM SubscriberPackage WHERE Id = '${packageId}'`
    const [found] = await org.tooling.query<{ Name: string }>(soql)
    return found?.Name ?? null
  } catch (error) {
    if (error instanceof SalesforceError && error.class !== 'AUTH_EXPIRED') return null
    throw error
  }
}
