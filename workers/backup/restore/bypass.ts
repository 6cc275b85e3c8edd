/**
 * Keeps the automation of the target quiet while rows are restored, in the way that its admins have provided for: by a
 * permission set, by a row of a hierarchical custom setting, or both, for the user who restores and nobody else. What is
 * changed is noted before, durable, and taken back at the end: by the attempt that gets there, or by the cleanup.
 *
 *     looked ──▶ noted ──▶ changed ──▶ … rows … ──▶ taken back ──▶ forgotten
 */
import type { Context } from '../../context.ts'
import { invalidInput } from '../../errors/steering.ts'
import { describe } from '../../salesforce/describe.ts'
import { SalesforceError } from '../../salesforce/errors.ts'
import type { Org } from '../../salesforce/org.ts'
import type { Described } from '../fields.ts'
import { quoted } from './calls.ts'
import type { RestoreInput } from './input.ts'
import type { Work } from './work.ts'

type SettingValue = boolean | number | string | null

/** As a request has it: the custom setting, and what its row for the user says meanwhile. */
export interface Setting {
  readonly object: string
  readonly fields: Readonly<Record<string, boolean | number | string>>
}

/** What there is to be changed, in a plan. */
export interface Bypass {
  readonly permissionSet: { readonly id: string; readonly name: string } | null
  readonly setting: Setting | null
}

/** How it was before, in the checkpoint. */
export interface Bypassed {
  readonly userId: string
  readonly wasAssigned: boolean
  /** The row of the user; null when there was none. */
  readonly row: { readonly id: string; readonly values: Readonly<Record<string, SettingValue>> } | null
}

/** Throws what is wrong with what the request asks for. */
export async function planBypass(org: Org, input: RestoreInput): Promise<Bypass> {
  const { bypassPermissionSet: name, bypassCustomSetting: setting = null } = input
  const permissionSet = name === undefined ? null : await permissionSetOf(org, name)
  if (setting) await checkSetting(org, setting)
  return { permissionSet, setting }
}

async function permissionSetOf(org: Org, name: string): Promise<{ id: string; name: string }> {
  const [namespace, bare] = name.includes('__') ? name.split('__', 2) : [null, name]
  const soql = `SELECT Id FROM PermissionSet WHERE Name = ${quoted(bare ?? '')} AND NamespacePrefix = ${namespace === null ? 'null' : quoted(namespace ?? '')} AND IsOwnedByProfile = false`
  const [found] = await org.data.query<{ Id: string }>(soql, { step: `looking for the permission set ${name}` })
  if (found) return { id: found.Id, name }
  throw invalidInput(
    `bypassPermissionSet: org ${org.alias} has no permission set ${name}: give the API name of one for which its automation stands aside`,
  )
}

async function checkSetting(org: Org, { object, fields }: Setting): Promise<void> {
  const step = `reading what the custom setting ${object} is made of`
  const described = await describe<Described>(org, object, step)
  const known = new Set(described.fields.filter(({ updateable }) => updateable).map(({ name }) => name))
  const has = described.fields.some(({ name }) => name === 'SetupOwnerId')
  if (!has) throw invalidInput(`bypassCustomSetting: ${object} of org ${org.alias} is no hierarchical custom setting`)
  const missing = Object.keys(fields).filter((name) => !known.has(name))
  if (missing.length === 0) return
  throw invalidInput(
    `bypassCustomSetting: ${object} of org ${org.alias} has no ${missing.join(', ')} that can be set: it has ${[...known].join(', ')}`,
  )
}

/** Returns when it is in force, and when what it was before is durable. Does no harm where it is already. */
export async function keepQuiet({ context, org, plan, memory }: Work): Promise<void> {
  const { permissionSet, setting } = plan.bypass
  if (!permissionSet && !setting) return
  const before = memory.value.bypassed ?? (await lookAt(org, plan.bypass))
  if (memory.value.bypassed === null) await memory.change({ bypassed: before })
  if (permissionSet && !before.wasAssigned) await assign(org, permissionSet, before.userId)
  if (setting) await setRow(org, setting, before.userId)
  context.log.info(
    `org ${org.alias}: ${wordsOf(plan.bypass)} while rows are restored, for ${org.username ?? 'its user'}`,
  )
}

/** All of it is as it was. */
export async function endQuiet({ context, org, plan, memory }: Work): Promise<void> {
  if (memory.value.bypassed === null) return
  await takeBack(context, org, plan.bypass, memory.value.bypassed)
  await memory.change({ bypassed: null })
}

/** Does no harm where it has been done already. */
export async function takeBack(
  { log }: Pick<Context, 'log'>,
  org: Org,
  bypass: Bypass,
  before: Bypassed,
): Promise<void> {
  const { permissionSet, setting } = bypass
  try {
    if (permissionSet && !before.wasAssigned) await unassign(org, permissionSet, before.userId)
    if (setting) await setRowBack(org, setting, before)
    log.info(`org ${org.alias}: ${wordsOf(bypass)} no more for the user ${before.userId}`)
  } catch (error) {
    log.error(
      `org ${org.alias}: ${wordsOf(bypass)} for the user ${before.userId} may still be so: look under Setup, and take it back there`,
    )
    throw error
  }
}

/** In the middle of a sentence, and in the plan. */
export function wordsOf({ permissionSet, setting }: Bypass): string {
  const parts = [
    ...(permissionSet ? [`the permission set ${permissionSet.name} is assigned`] : []),
    ...(setting ? [`the custom setting ${setting.object} is set`] : []),
  ]
  return parts.join(' and ')
}

async function lookAt(org: Org, { permissionSet, setting }: Bypass): Promise<Bypassed> {
  const { userId } = org
  const wasAssigned = permissionSet !== null && (await assignments(org, permissionSet, userId)).length > 0
  const row = setting && (await rowOf(org, setting, userId))
  return { userId, wasAssigned, row }
}

async function assignments(org: Org, { id, name }: NonNullable<Bypass['permissionSet']>, user: string) {
  const soql = `SELECT Id FROM PermissionSetAssignment WHERE PermissionSetId = ${quoted(id)} AND AssigneeId = ${quoted(user)}`
  const found = await org.data.query<{ Id: string }>(soql, { step: `looking who has the permission set ${name}` })
  return found.map(({ Id }) => Id)
}

async function assign(org: Org, set: NonNullable<Bypass['permissionSet']>, user: string): Promise<void> {
  if ((await assignments(org, set, user)).length > 0) return
  const row = { PermissionSetId: set.id, AssigneeId: user }
  const step = `assigning the permission set ${set.name}`
  await onceMade(
    () => org.data.create('PermissionSetAssignment', row, { step }),
    async () => (await assignments(org, set, user)).length > 0,
  )
}

async function unassign(org: Org, set: NonNullable<Bypass['permissionSet']>, user: string): Promise<void> {
  const step = `taking the permission set ${set.name} back`
  for (const id of await assignments(org, set, user)) await org.data.remove('PermissionSetAssignment', id, { step })
}

async function rowOf(org: Org, { object, fields }: Setting, user: string): Promise<Bypassed['row']> {
  const names = Object.keys(fields)
  const soql = `SELECT ${['Id', ...names].join(', ')} FROM ${object} WHERE SetupOwnerId = ${quoted(user)}`
  const [found] = await org.data.query<Record<string, SettingValue>>(soql, {
    step: `reading the custom setting ${object}`,
  })
  if (!found) return null
  return { id: String(found.Id), values: Object.fromEntries(names.map((name) => [name, found[name] ?? null])) }
}

async function setRow(org: Org, setting: Setting, user: string): Promise<void> {
  const { object, fields } = setting
  const step = `setting the custom setting ${object}`
  const there = await rowOf(org, setting, user)
  if (there) return org.data.update(object, there.id, fields, { step })
  await onceMade(
    () => org.data.create(object, { SetupOwnerId: user, ...fields }, { step }),
    async () => (await rowOf(org, setting, user)) !== null,
  )
}

async function setRowBack(org: Org, setting: Setting, { userId, row }: Bypassed): Promise<void> {
  const step = `setting the custom setting ${setting.object} back`
  const there = await rowOf(org, setting, userId)
  if (!there) return
  if (row) await org.data.update(setting.object, there.id, row.values, { step })
  else await org.data.remove(setting.object, there.id, { step })
}

/** One whose answer was lost may be there, and so may one that somebody else has made at the same time. */
async function onceMade(make: () => Promise<unknown>, isThere: () => Promise<boolean>): Promise<void> {
  try {
    await make()
  } catch (error) {
    const mayBeThere =
      error instanceof SalesforceError && (error.isUnsure || error.salesforceCode === 'DUPLICATE_VALUE')
    if (!mayBeThere || !(await isThere())) throw error
  }
}
