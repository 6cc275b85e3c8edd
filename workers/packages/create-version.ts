/**
 * A new version of an unlocked or managed package. It goes on in the Dev Hub whoever dies here: the next attempt looks
 * on, and a request whose answer was lost is looked for before another one is made.
 */
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { build } from '../deploy/build/build.ts'
import { projectIn } from '../deploy/build/project.ts'
import { zipOf } from '../deploy/build/zip.ts'
import { FatalError, invalidInput } from '../errors/steering.ts'
import { Checkpoint } from '../salesforce/checkpoint.ts'
import type { OrgInput } from '../salesforce/input.ts'
import { type Org, openOrg } from '../salesforce/org.ts'
import { PACES } from '../salesforce/poll.ts'
import { cancelRemoteJob, type JobState, type RemoteJob, runRemoteJob } from '../salesforce/remote-job.ts'
import { type Source, sourceOf } from '../sources/source.ts'
import { descriptorOf, type Versioned } from './project-package.ts'

export interface CreateInput extends OrgInput, Versioned, Pick<Source, 'upload' | 'git'> {
  readonly directory?: string
  readonly tag?: string
  readonly branch?: string
  readonly codeCoverage?: boolean
  readonly skipValidation?: boolean
}

export interface CreateResult {
  readonly org: string
  readonly requestId: string
  readonly packageId: string
  /** 05i… */
  readonly versionId: string
  /** 04t…: what package.install takes. */
  readonly subscriberVersionId: string
  readonly version: string
  readonly passedCoverage: boolean | null
}

interface Request {
  readonly Id: string
  readonly Status: string
  readonly Package2VersionId: string | null
}

interface Made {
  readonly Id: string
  readonly SubscriberPackageVersionId: string
  readonly MajorVersion: number
  readonly MinorVersion: number
  readonly PatchVersion: number
  readonly BuildNumber: number
  readonly HasPassedCodeCoverageCheck: boolean | null
}

export async function createVersion(context: Context<CreateInput>): Promise<CreateResult> {
  const org = await openOrg(context)
  const memory = new Checkpoint(context, nothing)
  if (memory.read() === null) memory.note({ known: (await recent(org, context.input, knownMs)).map(({ Id }) => Id) })
  const { id, status } = await runRemoteJob(context, org, jobOf(context, org, memory.saved), memory)
  if (status.Status === 'Error') throw await failure(org, id, context.input)
  org.step = `reading the version that ${id} has made`
  const fields = 'Id, SubscriberPackageVersionId, MajorVersion, MinorVersion, PatchVersion, BuildNumber'
  const soql = `SELECT ${fields}, HasPassedCodeCoverageCheck FROM Package2Version WHERE Id = '${status.Package2VersionId}'`
  const [made] = await org.tooling.query<Made>(soql)
  if (!made) throw new FatalError(`org ${org.alias}: ${id} has succeeded, but its version is not there`)
  const version = [made.MajorVersion, made.MinorVersion, made.PatchVersion, made.BuildNumber].join('.')
  context.log.info(`org ${org.alias}: version ${version} is made: ${made.SubscriberPackageVersionId}`)
  return {
    org: org.alias,
    requestId: id,
    packageId: context.input.packageId,
    versionId: made.Id,
    subscriberVersionId: made.SubscriberPackageVersionId,
    version,
    passedCoverage: made.HasPassedCodeCoverageCheck,
  }
}

/** Salesforce cannot stop it: it says so. */
export async function followVersion(context: Context<CreateInput>): Promise<void> {
  if (context.checkpoint === null || context.error?.code === failed) return
  const org = await openOrg(context, { isCleanup: true })
  const memory = new Checkpoint(context, nothing)
  await cancelRemoteJob(context, org, jobOf(context, org, memory.saved), memory)
}

interface Saved {
  readonly job: JobState | null
  /** Requests that the org had before: none of them can be this one. */
  readonly known: readonly string[]
}

const nothing: Saved = { job: null, known: [] }

/** Clocks of servers tell whole seconds. */
const toleranceMs = 2_000
const knownMs = 60_000
const failed = 'PACKAGE_VERSION_FAILED'

function jobOf(context: Context<CreateInput>, org: Org, { known }: Saved): RemoteJob<Request> {
  let request: Awaited<ReturnType<typeof requestOf>> | undefined
  // Sources are fetched once an attempt, however often they are sent.
  const ready = async () => (request ??= await requestOf(context, org))
  return {
    name: 'package version',
    pace: PACES.packageVersion,
    prepare: ready,
    submit: async (_, submission) => org.tooling.create('Package2VersionCreateRequest', await ready(), { submission }),
    async find({ at }) {
      const rows = await recent(org, context.input, org.now.getTime() - at.getTime() + toleranceMs)
      return rows.find(({ Id }) => !known.includes(Id))?.Id ?? null
    },
    look: (id) => org.tooling.read<Request>('Package2VersionCreateRequest', id),
    isOver: ({ Status }) => Status === 'Success' || Status === 'Error',
    stateOf: ({ Status }) => Status,
    progressOf: ({ Status }, id) => ({ phase: wordsOf(Status), percent: null, message: `${id}: ${Status}` }),
  }
}

/** Requests of ours that the org got in the last so many milliseconds, oldest first. */
async function recent(org: Org, { packageId, tag }: CreateInput, ms: number): Promise<readonly Pick<Request, 'Id'>[]> {
  const since = new Date(org.now.getTime() - ms).toISOString()
  const soql = `SELECT Id, Tag FROM Package2VersionCreateRequest WHERE Package2Id = '${packageId}' AND CreatedDate >= ${since} AND CreatedById = '${org.userId}' ORDER BY CreatedDate`
  const rows = await org.tooling.query<{ Id: string; Tag: string | null }>(soql)
  return rows.filter(({ Tag }) => Tag === (tag ?? null))
}

/** Its stages are named in one word: VerifyingDependencies. */
function wordsOf(status: string): string {
  return status.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()
}

async function requestOf(context: Context<CreateInput>, org: Org): Promise<Record<string, unknown>> {
  const { input, secrets } = context
  if ((input.upload === undefined) === (input.git === undefined))
    throw invalidInput('give one place of the sources: upload or git')
  context.progress({ phase: 'packing', percent: null })
  const root = await sourceOf(input, context, { withLinks: false })
  const where = input.directory === undefined ? {} : { directory: input.directory }
  const descriptor = descriptorOf(join(root, projectIn(root, where).directory), input)
  const { bytes } = build(root, { ...where, packageDirectories: [descriptor.path] }, org.apiVersion)
  const info = zipOf([
    { path: 'package2-descriptor.json', read: () => Buffer.from(JSON.stringify(descriptor)) },
    { path: 'package.zip', read: () => bytes },
  ])
  return {
    Package2Id: input.packageId,
    VersionInfo: Buffer.from(info.bytes).toString('base64'),
    CalculateCodeCoverage: input.codeCoverage ?? false,
    SkipValidation: input.skipValidation ?? false,
    ...(input.tag !== undefined && { Tag: input.tag }),
    ...(input.branch !== undefined && { Branch: input.branch }),
    ...(secrets.names.includes('installKey') && { InstallKey: secrets.text('installKey') }),
  }
}

async function failure(org: Org, id: string, { packageId }: CreateInput): Promise<Error> {
  org.step = `reading why ${id} has failed`
  const soql = `SELECT Message FROM Package2VersionCreateRequestError WHERE ParentRequestId = '${id}'`
  const errors = await org.tooling.query<{ Message: string }>(soql)
  const said = errors.map(({ Message }) => Message).join('; ') || 'Salesforce says no more'
  const message = `org ${org.alias}: no version of ${packageId} was made (${id}): ${said}`
  return new FatalError(message, { code: failed })
}
