/** A restore from its plan to its lists. A later attempt goes on with the same plan, where the checkpoint says. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../../context.ts'
import { FatalError, invalidInput } from '../../errors/steering.ts'
import { type Org, openOrg } from '../../salesforce/org.ts'
import { endTurn, Turn } from '../../salesforce/turn.ts'
import { Memory } from '../make/memory.ts'
import { fileObjects } from '../mapping.ts'
import { markInUse, placeOf, unmarkInUse } from '../store.ts'
import { endQuiet, keepQuiet } from './bypass.ts'
import { restoreFiles } from './files.ts'
import { type CrossInput, noCounts, type Pass, passes, type RestoreInput, type Saved } from './input.ts'
import { matchPeople } from './people.ts'
import { planRestore, type RestorePlan } from './plan.ts'
import { failureOf, publishLogs, publishPlan, publishResult, type RestoreResult, toResult } from './result.ts'
import { restoreLookups, restoreRows } from './rows.ts'
import { Source } from './source.ts'
import { Logs, targetsOf, type Work } from './work.ts'

type RestoreContext = Context<RestoreInput | CrossInput>

export async function restore(context: RestoreContext): Promise<RestoreResult> {
  const earlier = context.checkpoint as Saved | null
  context.progress({ phase: 'planning', percent: null })
  const org = await openOrg(context, earlier ? { apiVersion: earlier.apiVersion } : {})
  const from = 'from' in context.input ? context.input.from : context.input.org
  const source = Source.open(context, from, earlier?.backup ?? context.input.backup)
  const places = source.ids.map((id) => placeOf(context.directory, from, id))
  for (const place of places) markInUse(place, context.taskId)
  try {
    return await restoreFrom(context, org, source, earlier)
  } finally {
    source.wipe()
    for (const place of places) unmarkInUse(place, context.taskId)
  }
}

async function restoreFrom(
  context: RestoreContext,
  org: Org,
  source: Source,
  earlier: Saved | null,
): Promise<RestoreResult> {
  const { input } = context
  const isSameOrg = !('from' in input)
  guard(org, source, isSameOrg)
  const plan = earlier ? planAgain(context) : await planRestore(source, org, input, isSameOrg)
  await publishPlan(context, plan)
  if (input.dryRun) return toResult(plan, noCounts, true, org.apiUsage)
  if (!earlier) {
    await refuseProduction(org, input)
    context.progress({ phase: 'verifying', percent: null, message: 'comparing the backup with its checksums' })
    await source.verify([...plan.objects.map(({ object }) => object), ...fileObjects], context.signal)
    writeFileSync(join(context.kept, planName), JSON.stringify(plan), { mode: 0o600 })
  }
  const turn = await Turn.take(context, org, { what: 'restore', isIdle: async () => true })
  const work = { ...(await open(context, org, source, plan, earlier ?? savedOf(source, org))), turn }
  try {
    await keepQuiet(work)
    for (const pass of passes) await run(work, pass)
    await endQuiet(work)
    const result = await finish(work)
    endTurn(context)
    return result
  } catch (error) {
    // The cleanup begins with what is saved.
    await work.memory.change({}).catch(() => {})
    throw error
  } finally {
    await publishLogs(context, work.logs)
    work.logs.close()
  }
}

const planName = 'plan.json'

function planAgain({ kept }: RestoreContext): RestorePlan {
  const path = join(kept, planName)
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as RestorePlan
  throw new FatalError('the plan of this restore is not in its kept directory any more')
}

function savedOf({ manifest }: Source, { apiVersion }: Org): Saved {
  const start = { pass: passes[0], object: 0, chunk: 0, idMapBytes: 0, createdBytes: 0, failedBytes: 0 }
  return { backup: manifest.id, apiVersion, ...start, counts: noCounts, sentAt: null, bypassed: null }
}

async function open(
  context: RestoreContext,
  org: Org,
  source: Source,
  plan: RestorePlan,
  saved: Saved,
): Promise<Omit<Work, 'turn'>> {
  const logs = await Logs.open(context.kept, saved)
  const memory = new Memory(saved, context)
  await memory.change(logs.state)
  const people = await matchPeople(source, org, { ownerMap: context.input.ownerMap ?? {}, isSameOrg: plan.isSameOrg })
  const targets = targetsOf(people, logs.ids, plan.isSameOrg)
  const lately = { toldAt: 0, savedAt: Date.now() }
  return { context, org, source, plan, people, memory, logs, targets, lately }
}

const does: Readonly<Record<Pass, (work: Work) => Promise<void>>> = {
  rows: restoreRows,
  lookups: restoreLookups,
  files: restoreFiles,
}

async function run(work: Work, pass: Pass): Promise<void> {
  const at = passes.indexOf(pass)
  if (passes.indexOf(work.memory.value.pass) > at) return
  await does[pass](work)
  const next = passes[at + 1]
  if (next) await work.memory.change({ pass: next, object: 0, chunk: 0, sentAt: null, ...work.logs.state })
}

async function finish({ plan, logs, org, context }: Work): Promise<RestoreResult> {
  const { inserted, updated, undeleted, skipped, failed, lost, files } = logs.counts
  if (lost > 0)
    context.log.warn(`${lost} lookups and owners of rows are empty or others: what they name is not in the org`)
  const counts = `${inserted} rows made, ${updated} changed, ${undeleted} undeleted, ${skipped} left as they were, ${failed} failed; ${files} files`
  const result = toResult(plan, logs.counts, false, org.apiUsage)
  await publishResult(context, result)
  const failure = failureOf(logs.counts, context.input.failOn)
  if (failure !== null)
    throw new FatalError(
      `org ${org.alias}, from ${plan.backup}: ${counts}. ${failedAdvice}${failure === 'ROWS_FAILED' ? `, or say failOn: "never" where they may` : ''}`,
      { code: failure },
    )
  if (failed > 0) context.log.warn(`${failed} rows could not be restored. ${failedAdvice}`)
  context.log.info(`org ${org.alias} is restored from ${plan.backup}: ${counts}`)
  return result
}

const failedAdvice = 'The artifact failed.csv says which rows and why: correct that, and restore them again'

function guard(org: Org, { manifest }: Source, isSameOrg: boolean): void {
  const isIt = manifest.orgId.slice(0, 15) === org.orgId.slice(0, 15)
  if (isSameOrg && !isIt)
    throw invalidInput(
      `the backup ${manifest.id} is of org ${manifest.orgId}, and ${org.alias} is ${org.orgId}: into another org it goes with org.restore.cross`,
    )
  if (!isSameOrg && isIt)
    throw invalidInput(
      `${org.alias} is the org that the backup ${manifest.id} is of: into it, it goes with org.restore`,
    )
}

async function refuseProduction(org: Org, { allowProduction }: RestoreInput): Promise<void> {
  if (allowProduction) return
  const [row] = await org.data.query<{ IsSandbox: boolean }>('SELECT IsSandbox FROM Organization', {
    step: 'looking whether it is a production org',
  })
  if (row?.IsSandbox) return
  throw new FatalError(
    `org ${org.alias} is a production org: look at the plan that dryRun makes, and say allowProduction if that is what you want`,
    { code: 'PRODUCTION' },
  )
}
