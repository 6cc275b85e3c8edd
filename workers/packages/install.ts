/**
 * Packages into an org, one after the other. Each is a request in the org that goes on whoever dies here: the next
 * attempt looks on. Salesforce tells nothing of how far one is, and nothing stops it.
 */
import type { Progress } from '../../src/task/task.ts'
import type { Context } from '../context.ts'
import { FatalError, invalidInput } from '../errors/steering.ts'
import { classify, SalesforceError } from '../salesforce/errors.ts'
import { markdownTable } from '../salesforce/markdown.ts'
import { type Org, openOrg } from '../salesforce/org.ts'
import { intervals, PACES } from '../salesforce/poll.ts'
import { cancelRemoteJob, type RemoteJob, runRemoteJob } from '../salesforce/remote-job.ts'
import { pause } from '../salesforce/transport.ts'
import type { InstallInput, InstallResult, Wanted } from './input.ts'
import { InstallMemory } from './saved.ts'
import { publishedVersion, titleOf } from './version.ts'

export interface InstallRequest {
  readonly Id: string
  /** IN_PROGRESS, SUCCESS, ERROR or UNKNOWN. */
  readonly Status: string
  readonly Errors?: { readonly errors?: readonly { readonly message: string }[] | null } | null
}

interface Tools {
  readonly context: Context<InstallInput>
  readonly org: Org
  readonly memory: InstallMemory
}

export async function installPackages(context: Context<InstallInput>): Promise<InstallResult> {
  const { input } = context
  const missing = input.packages.find(({ installationKey: key }) => key && !context.secrets.names.includes(key))
  if (missing)
    throw invalidInput(
      `package version ${missing.versionId} needs the secret ${missing.installationKey}: name it under secrets of the request`,
    )
  const memory = new InstallMemory(context)
  const org = await openOrg(context)
  while (memory.saved.done.length < input.packages.length) {
    await installOne({ context, org, memory }, input.packages[memory.saved.done.length] as Wanted)
  }
  const packages = memory.saved.done
  const rows = packages.map(({ name, versionId, outcome, seconds }) => [name, versionId, outcome, seconds])
  const summary = `# Packages in org ${org.alias}\n\n${markdownTable(['Package', 'Version', 'Outcome', 'Seconds'], rows)}`
  await context.artifact('summary.md', new TextEncoder().encode(summary), { contentType: 'text/markdown' })
  return { org: org.alias, packages, apiUsage: org.apiUsage }
}

async function installOne(tools: Tools, wanted: Wanted): Promise<void> {
  const { context, org, memory } = tools
  const { versionId } = wanted
  if (memory.read() === null) {
    const name = await titleOf(await publishedVersion(context, org, wanted, memory), org)
    memory.note({ name })
    if (context.input.ifInstalled !== 'reinstall' && (await isInstalled(org, versionId))) {
      context.log.info(`org ${org.alias}: ${name} (${versionId}) is installed already`)
      return memory.done({ versionId, name, outcome: 'skipped', requestId: null, seconds: 0 })
    }
  }
  const { id, status } = await submitted(tools, wanted)
  const { name, job } = memory.saved
  if (status.Status !== 'SUCCESS') return failed(tools, wanted, status)
  const seconds = Math.max(0, Math.round((org.now.getTime() - Date.parse(job?.at ?? '')) / 1_000))
  context.log.info(`org ${org.alias}: ${name} (${versionId}) is installed, after ${seconds} s`)
  await memory.done({ versionId, name, outcome: 'installed', requestId: id, seconds })
}

/** By what is installed rather than by a condition: the Tooling API filters this object by almost nothing. */
async function isInstalled(org: Org, versionId: string): Promise<boolean> {
  const installed = await org.tooling.query<{ SubscriberPackageVersionId: string }>(
    'SELECT Id, SubscriberPackageVersionId FROM InstalledSubscriberPackage',
    { step: 'looking which packages are installed' },
  )
  return installed.some((one) => one.SubscriberPackageVersionId?.slice(0, 15) === versionId.slice(0, 15))
}

/** Refused because the org installs something else: later. */
async function submitted(tools: Tools, wanted: Wanted) {
  const { context, org, memory } = tools
  try {
    return await runRemoteJob(context, org, jobOf(tools, wanted), memory)
  } catch (error) {
    if (!(error instanceof SalesforceError && error.class === 'LOCK')) throw error
    return later(tools, error.message)
  }
}

/** What passes is tried with a new request, once it is certain that this one has not installed it all the same. */
function failed(tools: Tools, { versionId }: Wanted, { Id, Errors }: InstallRequest): never {
  const { org, memory } = tools
  const messages = Errors?.errors?.map(({ message }) => message) ?? []
  const why = messages.join('; ').slice(0, 2_000) || 'Salesforce says no reason'
  memory.note({ failed: [...memory.saved.failed, Id] })
  const sentence = `org ${org.alias}: the installation ${Id} of ${memory.saved.name} (${versionId}) failed: ${why}`
  if (messages.some(isPassing) && memory.saved.failed.length < maxRequests) later(tools, sentence)
  throw new FatalError(`${sentence.replace(/\.$/, '')}. Correct what Salesforce names and submit again.`, {
    code: 'INSTALL_FAILED',
  })
}

const maxRequests = 8

export function isPassing(message: string): boolean {
  const code = /\b[A-Z]+(?:_[A-Z]+)+\b/.exec(message)?.[0]
  return ['LOCK', 'SERVER_TRANSIENT'].includes(classify({ message, ...(code !== undefined && { code }) }))
}

/** The process ends meanwhile, and the next attempt begins this package anew. */
function later({ context, memory }: Tools, why: string): never {
  const { pollSeconds } = context.input
  const waitSeconds = pollSeconds ?? Math.min(120, 10 * 2 ** memory.saved.failed.length)
  context.log.warn(`${why} It is tried again in ${waitSeconds} s.`)
  memory.note({ job: null })
  return context.suspend({ resumeAt: new Date(Date.now() + waitSeconds * 1_000), checkpoint: memory.json })
}

function jobOf({ context, org, memory }: Tools, wanted: Wanted): RemoteJob<InstallRequest> {
  const { versionId } = wanted
  return {
    name: `installation of ${memory.saved.name ?? versionId}`,
    pace: PACES.install,
    submit: (_, submission) => org.tooling.create('PackageInstallRequest', requestOf(wanted, context), { submission }),
    async find({ at }) {
      const since = new Date(at.getTime() - clockToleranceMs).toISOString()
      const rows = await org.tooling.query<InstallRequest>(
        `SELECT Id, Status FROM PackageInstallRequest WHERE SubscriberPackageVersionKey = '${versionId}' AND CreatedDate >= ${since} ORDER BY CreatedDate DESC`,
      )
      return rows.find(({ Id }) => !memory.saved.failed.includes(Id))?.Id ?? null
    },
    look: (id) => org.tooling.read<InstallRequest>('PackageInstallRequest', id),
    isOver: ({ Status }) => Status === 'SUCCESS' || Status === 'ERROR',
    stateOf: ({ Status }) => Status,
    progressOf: ({ Status }) => progressOf(Status, context.input, memory, org.now),
  }
}

/** Clocks of servers tell whole seconds. */
const clockToleranceMs = 2_000

function progressOf(status: string, { packages }: InstallInput, { saved }: InstallMemory, now: Date): Progress {
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(saved.job?.at ?? '')) / 1_000))
  return {
    phase: 'installing',
    percent: null,
    done: saved.done.length,
    total: packages.length,
    unit: 'packages',
    message: `${saved.name}: ${status} for ${seconds} s`,
  }
}

/** As Salesforce's own tools fill it in. */
function requestOf(wanted: Wanted, { secrets }: Pick<Context, 'secrets'>): Record<string, unknown> {
  const { installationKey, skipHandlers } = wanted
  return {
    SubscriberPackageVersionKey: wanted.versionId,
    ...(installationKey !== undefined && { Password: secrets.text(installationKey) }),
    ApexCompileType: wanted.apexCompileType ?? 'all',
    EnableRss: wanted.enableRss ?? false,
    NameConflictResolution: wanted.nameConflict ?? 'Block',
    PackageInstallSource: 'U',
    SecurityType: wanted.securityType ?? 'None',
    UpgradeType: wanted.upgradeType ?? 'mixed-mode',
    ...(skipHandlers && { SkipHandlers: skipHandlers.join(',') }),
  }
}

const followMs = 30_000

/** Nothing stops an installation: says so, and what became of it where that is soon. */
export async function followInstallation(context: Context<InstallInput>): Promise<void> {
  const memory = new InstallMemory(context)
  const wanted = context.input.packages[memory.saved.done.length]
  if (wanted === undefined || memory.read() === null || context.error?.code === 'INSTALL_FAILED') return
  const org = await openOrg(context, { isCleanup: true })
  const job = jobOf({ context, org, memory }, wanted)
  const { id } = await cancelRemoteJob(context, org, job, memory)
  if (id === null) return
  const endAt = Date.now() + followMs
  for (
    const waits = intervals(job.pace, context.input.pollSeconds);
    ;
    await pause(waits.next().value, context.signal)
  ) {
    const status = await job.look(id)
    if (job.isOver(status)) return context.log.info(`org ${org.alias}: the ${job.name} ${id} ended as ${status.Status}`)
    if (Date.now() < endAt) continue
    const sentence = `org ${org.alias}: the ${job.name} ${id} continues in the org, Salesforce cannot stop it. Look under Setup → Installed Packages; until it has ended the org installs nothing else`
    return context.log.warn(sentence)
  }
}
