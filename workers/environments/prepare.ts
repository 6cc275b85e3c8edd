/**
 * Makes an org and prepares it, step by step; each is saved when it is done and goes on where it was. What other kinds do
 * (packages, deployments, data) are tasks of theirs, for which this one waits without a process.
 */
import type { JsonObject } from '../../src/task/json.ts'
import { given } from '../composite/source.ts'
import type { Context } from '../context.ts'
import { FatalError, invalidInput } from '../errors/steering.ts'
import { type Cancelled, cancelRemoteJob } from '../salesforce/remote-job.ts'
import { type App, appOf } from './app.ts'
import type { ChildInput, EnvInput, EnvResult } from './input.ts'
import { EnvMemory } from './saved.ts'
import { Tools } from './tools.ts'

interface Step {
  readonly name: string
  /** Returns the id of the task that did it, where there was one; false ends the preparation here. */
  run(tools: Tools): Promise<string | null | false>
}

export async function prepareEnvironment(context: Context<EnvInput>): Promise<EnvResult> {
  const { input } = context
  refuseNonsense(input)
  const memory = new EnvMemory(context)
  const tools = new Tools(context, memory)
  const steps = stepsOf(input, appOf(context))
  for (const [at, step] of steps.entries()) {
    if (memory.isDone(step.name)) continue
    if (memory.saved.begunMs === null) memory.note({ begunMs: Date.now() })
    context.progress({ phase: step.name, percent: null, done: at, total: steps.length, unit: 'steps' })
    const did = await step.run(tools)
    await memory.done(step.name, did || null)
    if (did === false) break
  }
  return resultOf(tools)
}

async function resultOf(tools: Tools): Promise<EnvResult> {
  const { context, memory } = tools
  const { org, alias, sandbox } = context.input
  const { made, done } = memory.saved
  const state = made ? 'ready' : sandbox?.action === 'delete' ? 'deleted' : 'pending activation'
  const { orgId = null, username = null, loginUrl = null, expires = null } = made ?? {}
  if (state === 'ready') context.log.info(`org ${alias} is ready: any kind finds it by {"org": "${alias}"}`)
  const { apiUsage } = await tools.hub()
  return { org, alias, state, orgId, username, loginUrl, expires, steps: done, apiUsage }
}

/** What a schema cannot say; Salesforce would say it after hours. */
function refuseNonsense({ org, alias, scratch, sandbox, upload, deploy, ...rest }: EnvInput): void {
  const refuse = (message: string) => {
    throw invalidInput(message)
  }
  if ((scratch === undefined) === (sandbox === undefined)) refuse('give one thing to prepare: scratch or sandbox')
  if (rest.pool && !scratch) refuse('a pool holds scratch orgs: leave out pool, or ask for scratch')
  if (org === alias) refuse('alias must be another than org: the login of org would be lost')
  if (scratch?.definition.objectSettings !== undefined || scratch?.definition.orgPreferences !== undefined)
    refuse('objectSettings and orgPreferences of a definition are not applied: deploy them as metadata')
  if (sandbox?.action === 'clone' && !sandbox.sourceSandbox) refuse('to clone a sandbox, name it as sourceSandbox')
  if (sandbox?.action === 'create' && !sandbox.licenseType) refuse('to create a sandbox, give its licenseType')
  if (deploy && upload === undefined && deploy.git === undefined) refuse('deploy needs an upload, or its own git')
  const steps = [rest.installs, upload, deploy, rest.permsets, rest.data, rest.apex]
  if (sandbox?.action === 'delete' && steps.some((one) => one !== undefined)) refuse('a deleted sandbox takes no steps')
}

export function stepsOf(input: EnvInput, app: App): readonly Step[] {
  const { scratch, sandbox, pool, installs, upload, deploy, permsets, data = [], apex = [] } = input
  const settings = scratch?.definition.settings as JsonObject | undefined
  return [
    { name: 'create', run: (tools) => create(tools, app) },
    ...(sandbox?.action === 'delete' ? [] : [{ name: 'login', run: (tools: Tools) => login(tools, app) }]),
    ...(settings ? [{ name: 'settings', run: (tools: Tools) => applySettings(tools, settings) }] : []),
    ...(installs ? [child('installs', 'package.install', installs)] : []),
    ...(upload !== undefined || deploy
      ? [child('deploy', 'deploy.run', { ...deploy, ...(upload !== undefined && { upload }) })]
      : []),
    ...(permsets?.length ? [{ name: 'permsets', run: (tools: Tools) => assignAll(tools, permsets) }] : []),
    ...data.map((one, at) => child(`data ${at + 1}`, 'bulk.ingest', one)),
    ...apex.map((script, at) => ({
      name: `apex ${at + 1}`,
      run: (tools: Tools) => execute(tools, `apex ${at + 1}`, script),
    })),
    ...(pool ? [{ name: 'pool', run: offerInPool }] : []),
  ]
}

async function create(tools: Tools, { clientId }: App): Promise<null | false> {
  const { scratch, sandbox } = tools.context.input
  if (sandbox) return (await (await import('./sandbox.ts')).makeSandbox(tools, sandbox)) ? null : false
  if (scratch) await (await import('./scratch.ts')).makeScratch(tools, scratch, clientId)
  return null
}

async function login(tools: Tools, app: App): Promise<null> {
  await (await import('./log-in.ts')).logIn(tools, app)
  return null
}

async function applySettings(tools: Tools, settings: JsonObject): Promise<null> {
  await (await import('./settings.ts')).deploySettings(tools, settings)
  return null
}

async function assignAll(tools: Tools, names: readonly string[]): Promise<null> {
  await (await import('./finish.ts')).assignPermissionSets(tools, names)
  return null
}

async function execute(tools: Tools, name: string, script: string): Promise<null> {
  await (await import('./finish.ts')).executeApex(tools, name, script)
  return null
}

async function offerInPool(tools: Tools): Promise<null> {
  await (await import('./pool.ts')).offer(tools)
  return null
}

/** A task of another kind in the new org. */
function child(name: string, kind: string, { secrets, ...input }: ChildInput): Step {
  return {
    name,
    async run({ context, memory }) {
      const { alias, pollSeconds, limitWaitSeconds } = context.input
      const found = (await context.children()).find(({ key }) => key === name)
      if (found?.state === 'succeeded') return found.id
      if (found?.state === 'failed' || found?.state === 'cancelled') {
        const why = found.error?.message ?? `it was ${found.state}`
        throw new FatalError(`step ${name} of org ${alias} (task ${found.id}): ${why}`, { code: 'STEP_FAILED' })
      }
      const request = { kind, input: { ...given({ pollSeconds, limitWaitSeconds }), ...input, org: alias } }
      const { id } = found ?? (await context.submit(name, { ...request, ...(secrets && { secrets }) }))
      return context.suspend({ children: [id], checkpoint: memory.json })
    },
  }
}

/** After a failure or a cancel: no scratch org is left that nobody knows; of what stays it is said where it is. */
export async function clearUp(context: Context<EnvInput>): Promise<void> {
  const memory = new EnvMemory(context)
  const { job, made } = memory.saved
  const { scratch, sandbox, onFailure } = context.input
  if (job === null && made === null) return
  const tools = new Tools(context, memory, true)
  if (scratch) return clearScratch(tools, onFailure ?? 'delete')
  if (sandbox) await clearSandbox(tools, onFailure ?? 'keep')
}

async function clearScratch(tools: Tools, onFailure: 'delete' | 'keep'): Promise<void> {
  const { context, memory } = tools
  const { scratchJob, deleteScratch, commonApp } = await import('./scratch.ts')
  const hub = await tools.hub()
  const { scratch } = context.input
  if (!scratch) return
  // A step in the org that is there has a job of its own.
  const asked = scratchJob(tools, hub, scratch, commonApp.clientId)
  const infoId = memory.saved.made?.infoId ?? remains(await cancelRemoteJob(context, hub, asked, memory))
  if (infoId === null) return
  if (onFailure === 'keep')
    return context.log.info(`org ${hub.alias}: the scratch org ${infoId} stays, as it is told to`)
  await deleteScratch(hub, infoId)
  context.log.info(`org ${hub.alias}: the scratch org ${infoId} is deleted`)
}

/** Of a request that came to nothing the org keeps why. */
function remains({ id, remoteState }: Cancelled): string | null {
  return remoteState === 'Error' || remoteState === 'Deleted' ? null : id
}

async function clearSandbox(tools: Tools, onFailure: 'delete' | 'keep'): Promise<void> {
  const { context } = tools
  const { sandbox } = context.input
  const isNew = sandbox?.action === 'create' || sandbox?.action === 'clone'
  const production = await tools.hub()
  if (!isNew || onFailure === 'keep') {
    const how = isNew ? ', until the action delete removes it' : ''
    return context.log.info(`org ${production.alias}: the sandbox ${sandbox?.name} goes on in the org${how}`)
  }
  await (await import('./sandbox.ts')).makeSandbox(tools, { ...sandbox, action: 'delete' })
  context.log.info(`org ${production.alias}: the sandbox ${sandbox.name} is deleted`)
}
