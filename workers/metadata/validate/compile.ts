/**
 * Asks an org whether changed code would compile there, in seconds and without a deployment: a container of the Tooling
 * API takes the new bodies of classes and triggers that the org has, and is compiled only to be checked.
 *
 *     container named after the task ─▶ a member for each file ─▶ request ─▶ Queued … Completed | Failed ─▶ removed
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path/posix'
import type { Context } from '../../context.ts'
import { FatalError, invalidInput } from '../../errors/steering.ts'
import type { Finding } from '../../lint/report.ts'
import { Checkpoint } from '../../salesforce/checkpoint.ts'
import type { OrgInput } from '../../salesforce/input.ts'
import { type Org, openOrg } from '../../salesforce/org.ts'
import { PACES } from '../../salesforce/poll.ts'
import { cancelRemoteJob, type JobState, type RemoteJob, runRemoteJob } from '../../salesforce/remote-job.ts'
import type { ValidateInput } from './input.ts'
import type { Inventory } from './inventory.ts'
import { found } from './report.ts'

type CodeType = 'ApexClass' | 'ApexTrigger'

interface Code {
  readonly type: CodeType
  readonly name: string
  readonly file: string
  readonly body: string
}

interface Stored {
  readonly Id: string
  readonly Name: string
  readonly Body: string
}

interface Failure {
  readonly fullName: string
  readonly componentType?: string
  readonly lineNumber: number | null
  readonly columnNumber: number | null
  readonly problem: string | null
}

interface Status {
  readonly State: string
  readonly ErrorMsg?: string | null
  readonly DeployDetails?: { readonly componentFailures?: readonly Failure[] | Failure | null } | null
}

/** Each takes a call of its own: above this a deployment is the better question. */
const mostMembers = 200
/** Names and bodies in one query have to fit into a URL and into memory. */
const namesInQuery = 100

export async function compileInOrg(inventory: Inventory, context: Context<ValidateInput>): Promise<readonly Finding[]> {
  const org = await openOrg(asOrg(context))
  const code = codeOf(inventory, context.input)
  const { wanted, missing } = await toCompile(org, code, context)
  const news = missing.map((one) => found('metadata/not-compiled', one, `the org has no ${one.type} ${one.name}`))
  if (wanted.length === 0) return news
  const failures = await compile(org, wanted, context)
  return [...news, ...failures.map((failure) => findingOf(failure, wanted))]
}

/** For the cleanup: nothing of it stays in the org. */
export async function stopCompiling(context: Context<ValidateInput>): Promise<void> {
  const org = await openOrg(asOrg(context), { isCleanup: true })
  const container = await containerOf(org, context)
  if (container === undefined) return
  await cancelRemoteJob(context, org, jobOf(org, container), new Checkpoint(context, nothing))
  await org.tooling.remove('MetadataContainer', container)
}

function asOrg(context: Context<ValidateInput>): Context<ValidateInput & OrgInput> {
  return context as Context<ValidateInput & OrgInput>
}

function codeOf({ root, items }: Inventory, { compile }: ValidateInput): readonly Code[] {
  const code = items.flatMap(({ file, place }) => {
    const { type, name = '' } = place?.member ?? {}
    if ((type !== 'ApexClass' && type !== 'ApexTrigger') || file.endsWith('-meta.xml')) return []
    return [{ type, name, file, body: readFileSync(join(root, file), 'utf8') } satisfies Code]
  })
  const { classes = 'changed' } = compile ?? {}
  if (classes === 'changed') return code
  const strange = classes.find((name) => !code.some((one) => one.name === name))
  if (strange !== undefined)
    throw invalidInput(`compile.classes: there is no class or trigger ${strange} in the sources`)
  return code.filter(({ name }) => classes.includes(name))
}

/** Code that the org has with another body, and code that it does not have. */
async function toCompile(org: Org, code: readonly Code[], context: Context<ValidateInput>) {
  org.step = 'reading the code of the org'
  const stored = new Map<string, Stored>()
  for (const type of ['ApexClass', 'ApexTrigger'] as const) {
    const names = code.filter((one) => one.type === type).map(({ name }) => name)
    for (let at = 0; at < names.length; at += namesInQuery) {
      for (const row of await storedIn(org, type, names.slice(at, at + namesInQuery)))
        stored.set(`${type}:${row.Name.toLowerCase()}`, row)
    }
  }
  const inOrg = (one: Code) => stored.get(`${one.type}:${one.name.toLowerCase()}`)
  const wanted = code.flatMap((one) => {
    const row = inOrg(one)
    return row && (context.input.compile?.classes !== 'changed' || differs(row.Body, one.body))
      ? [{ ...one, id: row.Id }]
      : []
  })
  if (wanted.length > mostMembers)
    throw invalidInput(
      `compile: ${wanted.length} classes and triggers are too many to compile by themselves, at most ${mostMembers}: run deploy.validate`,
    )
  context.log.info(`org ${org.alias}: ${wanted.length} of ${code.length} classes and triggers are to be compiled`)
  return { wanted, missing: code.filter((one) => !inOrg(one)) }
}

function storedIn(org: Org, type: CodeType, names: readonly string[]): Promise<Stored[]> {
  const list = names.map((name) => `'${name.replace(/[\\']/g, '\\$&')}'`).join(',')
  return org.tooling.query<Stored>(
    `SELECT Id, Name, Body FROM ${type} WHERE NamespacePrefix = null AND Name IN (${list})`,
  )
}

/** Orgs keep line ends as they came. */
function differs(one: string, other: string): boolean {
  return one.replaceAll('\r\n', '\n') !== other.replaceAll('\r\n', '\n')
}

type Member = Code & { readonly id: string }

async function compile(
  org: Org,
  members: readonly Member[],
  context: Context<ValidateInput>,
): Promise<readonly Failure[]> {
  const memo = new Checkpoint(context, nothing)
  const container = memo.read() ? await containerOf(org, context) : undefined
  const id = container ?? (await fill(org, members, context))
  const { status } = await runRemoteJob(context, org, jobOf(org, id), memo)
  await org.tooling.remove('MetadataContainer', id)
  const { State, ErrorMsg, DeployDetails } = status
  const failures = [DeployDetails?.componentFailures ?? []].flat()
  if (State === 'Completed' || failures.length > 0) return failures
  throw new FatalError(`org ${org.alias}: the compilation is ${State}: ${ErrorMsg ?? 'Salesforce does not say why'}`)
}

/** The checkpoint is there as soon as a container may be in the org, so that a cleanup knows. */
const nothing: { readonly job: JobState | null } = { job: null }

/** Members can be used once: what an earlier attempt left of a container that was not compiled is thrown away. */
async function fill(org: Org, members: readonly Member[], context: Context<ValidateInput>): Promise<string> {
  org.step = 'filling the container of what is to be compiled'
  await context.saveCheckpoint({ job: null })
  const left = await containerOf(org, context)
  if (left !== undefined) await org.tooling.remove('MetadataContainer', left)
  const container = await org.tooling.create('MetadataContainer', { Name: nameOf(context) })
  for (const [done, { type, id, body }] of members.entries()) {
    context.signal.throwIfAborted()
    context.progress({ phase: 'filling', percent: null, done, total: members.length, unit: 'classes' })
    const fields = { MetadataContainerId: container, ContentEntityId: id, Body: body }
    await org.tooling.create(`${type}Member`, fields)
  }
  return container
}

/** At most 32 characters, and no two of a user with the same. */
function nameOf({ taskId }: Pick<Context, 'taskId'>): string {
  return `m${taskId.replace(/[^A-Za-z0-9]/g, '')}`.slice(0, 32)
}

async function containerOf(org: Org, context: Pick<Context, 'taskId'>): Promise<string | undefined> {
  const rows = await org.tooling.query<{ Id: string }>(
    `SELECT Id FROM MetadataContainer WHERE Name = '${nameOf(context)}'`,
  )
  return rows[0]?.Id
}

function jobOf(org: Org, container: string): RemoteJob<Status> {
  return {
    name: 'compilation',
    pace: PACES.compile,
    submit: () => org.tooling.create('ContainerAsyncRequest', { MetadataContainerId: container, IsCheckOnly: true }),
    async find() {
      const rows = await org.tooling.query<{ Id: string }>(
        `SELECT Id FROM ContainerAsyncRequest WHERE MetadataContainerId = '${container}'`,
      )
      return rows[0]?.Id ?? null
    },
    look: (id) => org.tooling.read<Status & { Id: string }>('ContainerAsyncRequest', id),
    isOver: ({ State }) => State !== 'Queued',
    stateOf: ({ State }) => State,
    progressOf: ({ State }) => ({ phase: 'compiling', percent: null, message: State }),
    cancel: (id) => org.tooling.update('ContainerAsyncRequest', id, { State: 'Aborted' }),
  }
}

function findingOf(
  { fullName, componentType, lineNumber, columnNumber, problem }: Failure,
  members: readonly Code[],
): Finding {
  const same = members.filter(({ name }) => name === fullName)
  const member = same.find(({ type }) => type === componentType) ?? same[0]
  const at = { file: member?.file ?? members[0]?.file ?? '', line: lineNumber || 1, column: columnNumber || 1 }
  return { ...found('metadata/does-not-compile', at, ''), message: problem ?? `${fullName} does not compile` }
}
