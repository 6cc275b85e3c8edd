/**
 * When a restore has failed or was cancelled: the automation of the org is as it was before, and what the last request has
 * made is found, so that the lists say all of it.
 */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../../context.ts'
import { type Org, openOrg } from '../../salesforce/org.ts'
import { endTurn } from '../../salesforce/turn.ts'
import { toLine } from '../csv.ts'
import { soqlTime } from '../window.ts'
import { takeBack } from './bypass.ts'
import type { CrossInput, RestoreInput, Saved } from './input.ts'
import type { RestorePlan } from './plan.ts'
import { publishLogs } from './result.ts'
import { Logs } from './work.ts'

type RestoreContext = Context<RestoreInput | CrossInput>

export async function accountFor(context: RestoreContext): Promise<void> {
  try {
    await tidy(context)
  } finally {
    endTurn(context)
  }
}

async function tidy(context: RestoreContext): Promise<void> {
  const saved = context.checkpoint as Saved | null
  const path = join(context.kept, 'plan.json')
  if (!saved || !existsSync(path)) return
  const plan = JSON.parse(readFileSync(path, 'utf8')) as RestorePlan
  const logs = await Logs.open(context.kept, saved)
  try {
    // The lists are there whatever becomes of what follows.
    await publishLogs(context, logs)
    if (!saved.bypassed && saved.sentAt === null) return
    const org = await openOrg(context, { apiVersion: saved.apiVersion, isCleanup: true })
    if (saved.bypassed) await takeBack(context, org, plan.bypass, saved.bypassed)
    await addUncounted(context, org, saved, plan, logs)
    await publishLogs(context, logs)
  } finally {
    logs.close()
  }
}

/** They have no old id here: whoever removes what was made needs the new ones. */
async function addUncounted(
  context: RestoreContext,
  org: Org,
  saved: Saved,
  plan: RestorePlan,
  logs: Logs,
): Promise<void> {
  const object = plan.objects[saved.object]?.object
  if (saved.pass !== 'rows' || object === undefined || saved.sentAt === null) return
  const known = await logs.ids.made()
  const since = soqlTime(Math.floor(Date.parse(saved.sentAt) / 1_000) * 1_000)
  const soql = `SELECT Id FROM ${object} WHERE CreatedById = '${org.userId}' AND CreatedDate >= ${since} ORDER BY Id`
  const found = await org.data.query<{ Id: string }>(soql, { step: `looking which rows of ${object} were made last` })
  const more = found.filter(({ Id }) => !known.has(Id))
  logs.created.add(more.map(({ Id }) => toLine([object, Id, ''])).join(''))
  context.log.info(`${more.length} rows of ${object} were made by the last request: they are in created.csv, too`)
}
