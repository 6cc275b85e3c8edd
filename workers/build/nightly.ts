/**
 * A build of a project: what the reference is now is fetched once and packed, and all steps work on that very commit.
 *
 *     begin: commit ─▶ package.zip, manifest.json ─▶ lint, metadata ─▶ validation in an org ─▶ package version ─▶ report
 *       └─ built already: nothing to do
 */
import { join } from 'node:path'
import type { Json } from '../../src/task/json.ts'
import { failureOf, findingsOf, keepReport, markdownOf, shownSteps } from '../composite/report.ts'
import { commitNow, given, tokenOf } from '../composite/source.ts'
import { runSteps, type StepEnd } from '../composite/steps.ts'
import type { Context } from '../context.ts'
import { build } from '../deploy/build/build.ts'
import { FatalError } from '../errors/steering.ts'
import type { CreateResult } from '../packages/create-version.ts'
import { checkOut } from '../sources/git.ts'
import { fileOf, lastBuilt, remember } from './built.ts'
import { tellCommit } from './commit-status.ts'
import type { BuildInput, BuildResult, Saved } from './input.ts'
import { buildSteps } from './steps.ts'

/** Where neither the request nor the project says one. */
const apiVersion = '62.0'
const failed = 'BUILD_FAILED'

export async function buildNightly(context: Context<BuildInput>): Promise<BuildResult> {
  const saved = (context.checkpoint as unknown as Saved | null) ?? (await begin(context))
  if ('skipped' in saved) return saved
  const ends = await runSteps(context, buildSteps(context.input, saved.commit))
  return conclude(context, saved, ends)
}

/** After a cancel, or an end for which no step is to blame: the forge waits for nothing any more. */
export async function abandonBuild(context: Context<BuildInput>): Promise<void> {
  const saved = context.checkpoint as unknown as Saved | null
  if (saved === null || context.error?.code === failed) return
  await tellCommit(context, saved.commit, 'error', context.error?.message ?? 'the build was cancelled')
}

async function begin(context: Context<BuildInput>): Promise<Saved | BuildResult> {
  const { input, directory, workspace, signal, log } = context
  context.progress({ phase: 'fetching', percent: null })
  const commit = await commitNow(context, input.git)
  const last = lastBuilt(fileOf(directory, input))
  if (last?.commit === commit && !input.force) {
    log.info(`${input.git.ref} is still ${commit}, which task ${last.task} has built: nothing to do`)
    return { skipped: true, commit, zip: null, steps: [], packageVersion: null }
  }
  const root = join(workspace, 'sources')
  const { url, ref } = input.git
  await checkOut({ url, ref: commit }, { directory: root, withLinks: false, token: tokenOf(context), signal })
  log.info(`${url} at ${ref} is ${commit}`)
  context.progress({ phase: 'packing', percent: null })
  const zip = await pack(context, root, commit)
  await tellCommit(context, commit, 'pending', 'the build has begun')
  await context.saveCheckpoint({ commit, zip } satisfies Saved as unknown as Json)
  return { commit, zip }
}

async function pack(context: Context<BuildInput>, root: string, commit: string): Promise<Saved['zip']> {
  const { git, directory, packageDirectories, include, exclude, apiVersion: asked } = context.input
  const wanted = given({ directory, packageDirectories, include, exclude, apiVersion: asked })
  const { bytes, contents, files, sha256, format } = build(root, wanted, apiVersion)
  const zip = { files, bytes: bytes.length, sha256, format }
  const manifest = { ...git, commit, at: new Date().toISOString(), zip, files: contents }
  await context.artifact('package.zip', bytes, { contentType: 'application/zip' })
  await context.artifact('manifest.json', Buffer.from(JSON.stringify(manifest)), { contentType: 'application/json' })
  return zip
}

async function conclude(context: Context<BuildInput>, saved: Saved, ends: readonly StepEnd[]): Promise<BuildResult> {
  const { input, directory, taskId } = context
  const { commit, zip } = saved
  const name = `${input.git.ref} at ${commit.slice(0, 12)}`
  const made = ends.find(({ key }) => key === 'package')?.result as CreateResult | null | undefined
  const packageVersion = made?.subscriberVersionId ?? null
  const result = { skipped: false, commit, zip, steps: shownSteps(ends), packageVersion }
  const facts = [input.git.url, `${zip.files} files, ${zip.bytes} bytes`, `sha-256 ${zip.sha256}`]
  await keepReport(context, markdownOf(`Build of ${name}`, facts, ends), findingsOf(ends), result)
  const failure = failureOf(`build of ${name}`, ends)
  const state = failure === null ? 'success' : 'failure'
  await tellCommit(context, commit, state, failure ?? `${ends.length} of ${ends.length} steps are good`)
  if (failure !== null) throw new FatalError(`${failure} (summary.md has all)`, { code: failed })
  remember(directory, fileOf(directory, input), { commit, at: new Date().toISOString(), task: taskId })
  return result
}
