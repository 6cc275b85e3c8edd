/**
 * Scratch orgs of a pool, as pools of flxbl have them in the Dev Hub: by a tag on the request for the org, and by a state
 * that says that it may be handed out. That comes last: what is not fully prepared is nobody's.
 */
import type { JsonObject } from '../../src/task/json.ts'
import { FatalError } from '../errors/steering.ts'
import type { Org } from '../salesforce/org.ts'
import type { Tools } from './tools.ts'

export interface Pool {
  readonly tag: string
}

const [tagField, stateField] = ['Pooltag__c', 'Allocation_status__c']

/** Of the request for an org. */
export function fieldsOfPool(pool: Pool | undefined): JsonObject {
  return pool ? { [tagField]: pool.tag, [stateField]: 'In Progress' } : {}
}

/** Before anything is asked for: without the fields nobody would find the org. */
export async function requirePools(hub: Org): Promise<void> {
  hub.step = 'looking whether it keeps pools of scratch orgs'
  const { fields } = await hub.request<{ fields: readonly { name: string }[] }>('/sobjects/ScratchOrgInfo/describe')
  const missing = [tagField, stateField].filter((wanted) => !fields.some(({ name }) => name === wanted))
  if (missing.length === 0) return
  throw new FatalError(
    `org ${hub.alias} keeps no pools of scratch orgs: ScratchOrgInfo has no ${missing.join(' and no ')}. Add them there (a text, and a picklist with In Progress and Available), or leave out pool`,
  )
}

/** It may be handed out. */
export async function offer(tools: Tools): Promise<void> {
  const { context, memory } = tools
  const { pool } = context.input
  const { infoId } = memory.saved.made ?? {}
  if (!pool || infoId === undefined) return
  const hub = await tools.hub()
  hub.step = `offering the scratch org ${infoId} in the pool ${pool.tag}`
  await hub.data.update('ScratchOrgInfo', infoId, { [stateField]: 'Available' })
  context.log.info(`org ${hub.alias}: the scratch org ${infoId} is available in the pool ${pool.tag}`)
}
