/** A scratch org of a Dev Hub: asked for once, adopted by what its request carries, made anew where Salesforce failed. */
import type { JsonObject } from '../../src/task/json.ts'
import { FatalError } from '../errors/steering.ts'
import type { Org } from '../salesforce/org.ts'
import { PACES } from '../salesforce/poll.ts'
import type { RemoteJob } from '../salesforce/remote-job.ts'
import type { ScratchWanted } from './input.ts'
import { fieldsOfPool, requirePools } from './pool.ts'
import { familyOf } from './scratch-errors.ts'
import type { Tools } from './tools.ts'
import { watch } from './watch.ts'

export interface ScratchOrgInfo {
  readonly Id: string
  /** New, Creating, Active, Error, Deleted. */
  readonly Status: string
  readonly ErrorCode: string | null
  readonly ScratchOrg: string | null
  readonly ExpirationDate: string | null
}

const fields = 'Id, Status, ErrorCode, ScratchOrg, ExpirationDate'
const maxRequests = 3
const suspendAfterSeconds = 30
/** Clocks of servers tell whole seconds. */
const toleranceMs = 2_000

/** The app that every scratch org knows, as Salesforce's own tools use it. */
export const commonApp = { clientId: 'PlatformCLI', callbackUrl: 'http://localhost:1717/OauthRedirect' } as const

export async function makeScratch(tools: Tools, wanted: ScratchWanted, clientId: string): Promise<void> {
  const { context, memory } = tools
  const hub = await tools.hub()
  if (memory.read() === null) {
    if (context.input.pool) await requirePools(hub)
    await awaitRoom(tools, hub)
  }
  const job = scratchJob(tools, hub, wanted, clientId)
  const { id, status } = await watch(tools, hub, job, context.input.suspendAfterSeconds ?? suspendAfterSeconds)
  if (status.Status !== 'Active') return failed(tools, hub, status)
  const { ScratchOrg, ExpirationDate: expires } = status
  // Where and as whom one logs in is a part of the login, which no checkpoint may hold while it is stored.
  memory.note({ made: { infoId: id, orgId: ScratchOrg ?? '', username: null, loginUrl: null, expires } })
  context.log.info(`org ${hub.alias}: the scratch org ${ScratchOrg} is there until ${expires}`)
}

interface Limit {
  readonly Max: number
  readonly Remaining: number
}

/** Before anything is asked for: the next attempt comes when there may be room. */
async function awaitRoom({ context, memory }: Tools, hub: Org): Promise<void> {
  hub.step = 'looking whether it has room for a scratch org'
  const limits = await hub.request<Readonly<Record<string, Limit | undefined>>>('/limits')
  if (!limits.ActiveScratchOrgs)
    throw new FatalError(`org ${hub.alias} makes no scratch orgs: turn it into a Dev Hub under Setup → Dev Hub`)
  for (const [name, what] of [
    ['ActiveScratchOrgs', 'at once'],
    ['DailyScratchOrgs', 'in a day'],
  ] as const) {
    const { Max, Remaining } = limits[name] ?? { Max: 0, Remaining: 1 }
    if (Remaining > 0) continue
    const { limitWaitSeconds = 2_400 } = context.input
    const message = `org ${hub.alias} has ${Max} scratch orgs ${what}, and no room for another`
    context.log.warn(`${message}: it is looked again in ${limitWaitSeconds} s. Delete what nobody needs`)
    context.progress({ phase: 'waiting for room', percent: null, message })
    context.suspend({ resumeAt: new Date(Date.now() + limitWaitSeconds * 1_000), checkpoint: memory.json })
  }
}

function failed(tools: Tools, hub: Org, { Id, ErrorCode, Status }: ScratchOrgInfo): never {
  const { memory, context } = tools
  const code = ErrorCode ?? Status
  const { meaning, advice, passing } = familyOf(code)
  const sentence = `org ${hub.alias}: the scratch org ${Id} could not be made (${code}): ${meaning}`
  memory.note({ failed: [...memory.saved.failed, Id] })
  if (!passing || memory.saved.failed.length >= maxRequests)
    throw new FatalError(`${sentence}. ${advice}.`, { code: 'SCRATCH_ORG_FAILED' })
  context.log.warn(`${sentence}. It is asked for again.`)
  memory.note({ job: null })
  return tools.later(30 * 2 ** memory.saved.failed.length)
}

export function scratchJob(
  { context, memory }: Tools,
  hub: Org,
  wanted: ScratchWanted,
  clientId: string,
): RemoteJob<ScratchOrgInfo> {
  const markOf = (nonce: string) => `Mayfly task ${context.taskId} ${nonce}`
  return {
    name: 'scratch org',
    pace: PACES.scratch,
    submit: (nonce) =>
      hub.data.create('ScratchOrgInfo', {
        ...requestOf(wanted, markOf(nonce), clientId),
        ...fieldsOfPool(context.input.pool),
      }),
    /** By what is in its description, which no condition of a query may ask for. */
    async find({ nonce, at }) {
      const since = new Date(at.getTime() - toleranceMs).toISOString()
      const rows = await hub.data.query<{ Id: string; Description: string | null }>(
        `SELECT Id, Description FROM ScratchOrgInfo WHERE CreatedDate >= ${since}`,
      )
      return rows.find(({ Description }) => Description?.includes(markOf(nonce)))?.Id ?? null
    },
    async look(id) {
      const [row] = await hub.data.query<ScratchOrgInfo>(`SELECT ${fields} FROM ScratchOrgInfo WHERE Id = '${id}'`)
      if (row) return row
      throw new FatalError(`org ${hub.alias} knows no scratch org ${id} any more: somebody has deleted it`)
    },
    isOver: ({ Status }) => ['Active', 'Error', 'Deleted'].includes(Status),
    stateOf: ({ Status }) => Status,
    progressOf: ({ Status }, id) => {
      const again = memory.saved.failed.length > 0 ? `, request ${memory.saved.failed.length + 1}` : ''
      return { phase: 'making the scratch org', percent: null, message: `${id}: ${Status}${again}` }
    },
  }
}

/** Members of a definition that are no fields of the request. */
const apart = ['settings', 'objectSettings', 'orgPreferences', 'description', 'features', '$schema']

/** As Salesforce's own tools make it of a definition: members become fields, features a list. */
export function requestOf({ definition, durationDays = 7 }: ScratchWanted, mark: string, clientId: string): JsonObject {
  const own = Object.entries(definition).filter(([name]) => !apart.includes(name))
  const fields = own.map(([name, value]) => [`${name.charAt(0).toUpperCase()}${name.slice(1)}`, value])
  const { features, description } = definition
  return {
    ...Object.fromEntries(fields),
    ...(features !== undefined && { Features: Array.isArray(features) ? features.join(';') : features }),
    DurationDays: durationDays,
    Description: typeof description === 'string' ? `${description}\n${mark}` : mark,
    ConnectedAppConsumerKey: clientId,
    ConnectedAppCallbackUrl: commonApp.callbackUrl,
  }
}

/** What it had asked for is gone, or was never there. */
export async function deleteScratch(hub: Org, infoId: string): Promise<void> {
  hub.step = `deleting the scratch org ${infoId}`
  const [active] = await hub.data.query<{ Id: string }>(
    `SELECT Id FROM ActiveScratchOrg WHERE ScratchOrgInfoId = '${infoId}'`,
  )
  if (active) await hub.data.remove('ActiveScratchOrg', active.Id)
  else await hub.data.remove('ScratchOrgInfo', infoId)
}
