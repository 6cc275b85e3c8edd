/** A sandbox of a production org: its name is unique there, so that it is adopted by it. Copies take hours to days. */
import type { Progress } from '../../src/task/task.ts'
import { FatalError, invalidInput } from '../errors/steering.ts'
import type { Org } from '../salesforce/org.ts'
import { PACES } from '../salesforce/poll.ts'
import type { RemoteJob } from '../salesforce/remote-job.ts'
import type { SandboxWanted } from './input.ts'
import type { Tools } from './tools.ts'
import { watch } from './watch.ts'

export interface SandboxProcess {
  readonly Id: string
  /** Pending, Processing, Sampling, Activating, Pending Activation, Completed; Stopped, Discarded, Deleted. */
  readonly Status: string
  readonly CopyProgress: number | null
  readonly SandboxOrganization: string | null
}

const fields = 'Id, Status, CopyProgress, SandboxOrganization'
const ends = ['Completed', 'Pending Activation', 'Stopped', 'Discarded', 'Deleted']

/** Whether it can be used when this resolves; false when somebody must activate it first, or it is gone. */
export async function makeSandbox(tools: Tools, wanted: SandboxWanted): Promise<boolean> {
  const production = await tools.hub()
  const info = await sandboxNamed(production, wanted.name)
  if (wanted.action === 'delete') return removed(production, wanted, info?.Id)
  if (tools.memory.read() === null) await begin(tools, production, wanted, info?.Id)
  const { suspendAfterSeconds = 0 } = tools.context.input
  const { status } = await watch(tools, production, sandboxJob(tools, production, wanted), suspendAfterSeconds)
  return conclude(tools, production, wanted, status)
}

interface Info {
  readonly Id: string
}

async function sandboxNamed(production: Org, name: string): Promise<Info | undefined> {
  const soql = `SELECT Id FROM SandboxInfo WHERE SandboxName = '${name}'`
  const [info] = await production.tooling.query<Info>(soql, { step: `looking for the sandbox ${name}` })
  return info
}

async function removed(production: Org, { name }: SandboxWanted, id: string | undefined): Promise<false> {
  if (id) await production.tooling.remove('SandboxInfo', id, { step: `deleting the sandbox ${name}` })
  return false
}

/** Refused here rather than after a day; what it had before is no work of ours. */
async function begin(tools: Tools, production: Org, { action, name }: SandboxWanted, id: string | undefined) {
  const isNew = action === 'create' || action === 'clone'
  if (isNew && id)
    throw invalidInput(`org ${production.alias} has a sandbox ${name} already: refresh it, or delete it first`)
  if (!isNew && !id) throw invalidInput(`org ${production.alias} has no sandbox ${name}: create it first`)
  const known = id && action !== 'activate' ? (await processesOf(production, id)).map((one) => one.Id) : []
  tools.memory.note({ known })
}

/** The newest first. */
function processesOf(production: Org, infoId: string): Promise<SandboxProcess[]> {
  return production.tooling.query<SandboxProcess>(
    `SELECT ${fields} FROM SandboxProcess WHERE SandboxInfoId = '${infoId}' ORDER BY CreatedDate DESC LIMIT 50`,
  )
}

/** The id of the job is that of the SandboxInfo. */
function sandboxJob({ memory }: Tools, production: Org, wanted: SandboxWanted): RemoteJob<SandboxProcess> {
  const { name, action } = wanted
  const newest = async (id: string) => {
    const rows = await processesOf(production, id)
    return rows.find((row) => !memory.saved.known.includes(row.Id))
  }
  return {
    name: `sandbox ${name}`,
    pace: PACES.sandbox,
    async submit() {
      if (action === 'create' || action === 'clone')
        return production.tooling.create('SandboxInfo', await fieldsOf(production, wanted))
      const id = (await sandboxNamed(production, name))?.Id ?? ''
      if (action === 'refresh') await refresh(production, id, wanted)
      else await activate(production, name, await newest(id))
      return id
    },
    async find() {
      const id = (await sandboxNamed(production, name))?.Id
      if (id === undefined || action === 'create' || action === 'clone') return id ?? null
      const process = await newest(id)
      const isBegun = action === 'activate' ? process?.Status !== 'Pending Activation' : process !== undefined
      return isBegun ? id : null
    },
    async look(id) {
      return (await newest(id)) ?? { Id: id, Status: 'Pending', CopyProgress: null, SandboxOrganization: null }
    },
    // What was told to become active waits for that no longer.
    isOver: ({ Status }) => ends.includes(Status) && !(action === 'activate' && Status === 'Pending Activation'),
    stateOf: ({ Status }) => Status,
    progressOf: (status) => progressOf(status, name),
  }
}

function progressOf({ Id, Status, CopyProgress }: SandboxProcess, name: string): Progress {
  const phase = Status === 'Activating' ? 'activating the sandbox' : 'copying the sandbox'
  return { phase, percent: CopyProgress, message: `${name} ${Id}: ${Status}` }
}

async function fieldsOf(production: Org, wanted: SandboxWanted): Promise<Record<string, unknown>> {
  const { action, name, licenseType, sourceSandbox, activationUserGroupId, apexClassId, description } = wanted
  const source = action === 'clone' ? await sandboxNamed(production, sourceSandbox ?? '') : undefined
  if (action === 'clone' && !source)
    throw invalidInput(`org ${production.alias} has no sandbox ${sourceSandbox} to clone: name one as sourceSandbox`)
  return {
    SandboxName: name,
    ...(source ? { SourceId: source.Id } : { LicenseType: licenseType }),
    ...(activationUserGroupId && { ActivationUserGroupId: activationUserGroupId }),
    ...(apexClassId && { ApexClassId: apexClassId }),
    ...(description && { Description: description }),
    AutoActivate: wanted.autoActivate ?? true,
  }
}

/** Each of them begins a copy: made once, and looked for when nobody knows. */
async function refresh(production: Org, id: string, wanted: SandboxWanted): Promise<void> {
  const { SandboxName: _name, ...fields } = await fieldsOf(production, { ...wanted, action: 'create' })
  const json = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  await production.request(`/tooling/sobjects/SandboxInfo/${id}`, { method: 'PATCH', json, repeatable: false })
}

async function activate(production: Org, name: string, process: SandboxProcess | undefined): Promise<void> {
  if (process?.Status !== 'Pending Activation')
    throw new FatalError(`org ${production.alias}: the sandbox ${name} waits for no activation (${process?.Status})`)
  await production.tooling.update('SandboxProcess', process.Id, { RefreshAction: 'ACTIVATE' })
}

function conclude({ context, memory }: Tools, production: Org, { name }: SandboxWanted, status: SandboxProcess) {
  const { Status, Id, SandboxOrganization: orgId } = status
  const sentence = `org ${production.alias}: the sandbox ${name} (${Id}) is ${Status}`
  if (Status === 'Pending Activation') {
    context.log.info(`${sentence}: the action activate makes it take the place of the old one`)
    return false
  }
  if (Status !== 'Completed')
    throw new FatalError(`${sentence}. Setup → Sandboxes of the production org says why.`, { code: 'SANDBOX_FAILED' })
  const infoId = (memory.read() as { id?: string } | null)?.id ?? ''
  memory.note({ made: { infoId, orgId: orgId ?? '', username: null, loginUrl: null, expires: null } })
  context.log.info(sentence)
  return true
}
