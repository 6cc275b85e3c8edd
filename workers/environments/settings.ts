/** The settings of a scratch org's definition: metadata that is deployed to it once it is there. */
import { zipSync } from 'fflate'
import type { Json, JsonObject } from '../../src/task/json.ts'
import { Deployments } from '../deploy/api.ts'
import { manifestOf } from '../deploy/build/manifest.ts'
import { progressOf } from '../deploy/progress.ts'
import { type DeployStatus, isOver } from '../deploy/result.ts'
import { FatalError } from '../errors/steering.ts'
import type { Org } from '../salesforce/org.ts'
import { deployPace } from '../salesforce/poll.ts'
import type { RemoteJob } from '../salesforce/remote-job.ts'
import type { Tools } from './tools.ts'
import { watch } from './watch.ts'

const suspendAfterSeconds = 30
const toleranceMs = 2_000

export async function deploySettings(tools: Tools, settings: JsonObject): Promise<void> {
  const org = await tools.made()
  const deployments = new Deployments(org)
  const zip = zipSync(filesOf(settings, org.apiVersion), { level: 1 })
  const job = settingsJob(org, deployments, zip)
  const { id } = await watch(tools, org, job, tools.context.input.suspendAfterSeconds ?? suspendAfterSeconds)
  org.step = 'reading what came of the settings'
  const status = await deployments.look(id, true)
  if (status.status === 'Succeeded') return
  const problems = [status.details?.componentFailures ?? []]
    .flat()
    .map(({ fullName, problem }) => `${fullName}: ${problem}`)
  const why = problems.join('; ') || status.errorMessage || status.status
  throw new FatalError(`org ${org.alias}: the settings of the definition were refused: ${why}. Correct them.`, {
    code: 'SETTINGS_REFUSED',
  })
}

function settingsJob(org: Org, deployments: Deployments, zip: Uint8Array): RemoteJob<DeployStatus> {
  const options = { checkOnly: false, ignoreWarnings: true, purgeOnDelete: false, rollbackOnError: true }
  return {
    name: 'deployment of settings',
    pace: deployPace({ zipBytes: zip.length }),
    submit: () => deployments.submit(zip, options),
    async find({ at }) {
      const requests = await deployments.since(new Date(at.getTime() - toleranceMs))
      return requests.filter(({ CreatedById }) => CreatedById === org.userId).at(-1)?.Id ?? null
    },
    look: (id) => deployments.look(id, false),
    isOver,
    stateOf: ({ status }) => status,
    progressOf: (status) => ({ ...progressOf(status), phase: 'deploying settings' }),
  }
}

/** `{lightningExperienceSettings: {enableS1DesktopEnabled: true}}` is the file settings/LightningExperience.settings. */
export function filesOf(settings: JsonObject, apiVersion: string): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {}
  const names = new Set<string>()
  for (const [key, value] of Object.entries(settings)) {
    const root = `${key.charAt(0).toUpperCase()}${key.slice(1)}`
    const name = root.replace(/Settings$/, '')
    const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://soap.sforce.com/2006/04/metadata">${xmlOf(value)}</${root}>\n`
    files[`settings/${name}.settings`] = Buffer.from(xml)
    names.add(name)
  }
  return { ...files, 'package.xml': Buffer.from(manifestOf(new Map([['Settings', names]]), apiVersion)) }
}

function xmlOf(value: Json): string {
  if (typeof value !== 'object' || value === null) return escaped(String(value ?? ''))
  return Object.entries(value)
    .map(([name, inner]) =>
      [inner]
        .flat()
        .map((one) => `<${name}>${xmlOf(one as Json)}</${name}>`)
        .join(''),
    )
    .join('')
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
}
