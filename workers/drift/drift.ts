/** How far an org is from the sources: what they have is retrieved and compared, and what they lack is listed. */
import { unzipSync } from 'fflate'
import { plain, sections, table } from '../apex-tests/markdown.ts'
import { listMembers } from '../backup/make/members.ts'
import type { Context } from '../context.ts'
import { build } from '../deploy/build/build.ts'
import type { Origins } from '../deploy/build/entries.ts'
import { FatalError, invalidInput } from '../errors/steering.ts'
import type { Member } from '../metadata/chunks.ts'
import { partsOf } from '../metadata/types.ts'
import { childrenNamed, readXml, textOf } from '../metadata/xml.ts'
import { type Org, openOrg } from '../salesforce/org.ts'
import { sourceOf } from '../sources/source.ts'
import { compare, componentOf, type Drift, type Files, sentenceOf } from './compare.ts'
import type { DriftInput, DriftResult } from './input.ts'
import { retrieveAll } from './retrieve.ts'

const shownDrifts = 500

export async function findDrift(context: Context<DriftInput>): Promise<DriftResult> {
  const { input, log } = context
  if ((input.upload === undefined) === (input.git === undefined))
    throw invalidInput('give one place of the sources: upload or git')
  const org = await openOrg(context)
  context.progress({ phase: 'fetching', percent: null })
  const root = await sourceOf(input, context, { withLinks: false })
  const { bytes, origins } = build(root, input, org.apiVersion)
  const here: Files = new Map(Object.entries(unzipSync(bytes)))
  const members = membersIn(here)
  const there = await retrieveAll({ context, org }, members)
  context.progress({ phase: 'comparing', percent: null })
  const { same, drifts } = compare(here, there)
  const all = [...drifts, ...(await missingHere(org, members, here, (sentence) => log.warn(sentence)))]
  const wanted = all.filter((drift) => !isIgnored(drift, input.ignore ?? [])).toSorted(inOrder)
  return conclude(
    context,
    org,
    same,
    wanted.map((drift) => ({ ...drift, file: fileOf(drift, origins) })),
  )
}

/** What the manifest of the package names. */
function membersIn(files: Files): readonly Member[] {
  const { root } = readXml(Buffer.from(files.get('package.xml') ?? '').toString('utf8'))
  return (root ? childrenNamed(root, 'types') : []).flatMap((types) => {
    const type = textOf(types, 'name') ?? ''
    return childrenNamed(types, 'members').map(({ text: name }) => ({ type, name }))
  })
}

const childTypes = new Set(Object.values(partsOf).flatMap((parts) => Object.values(parts).map(({ type }) => type)))

/** Of the types that the sources have. What every org has of itself is left out. */
async function missingHere(
  org: Org,
  members: readonly Member[],
  here: Files,
  warn: (sentence: string) => void,
): Promise<readonly Drift[]> {
  const types = [...new Set(members.map(({ type }) => type))].filter((type) => !childTypes.has(type))
  if (types.length === 0) return []
  const own = [...members, ...[...here.keys()].map(componentOf)]
  const known = new Set(own.map(({ type, name }) => `${type}:${name}`))
  const listed = await listMembers(org, { types }, warn)
  return listed
    .filter(({ type, name }) => !known.has(`${type}:${name}`))
    .filter(({ type, name }) => type !== 'CustomObject' || /__[a-z]+$/i.test(name))
    .map(({ type, name }) => ({ what: 'only-there', type, name, path: '', detail: null }))
}

export function isIgnored({ type, name }: Pick<Drift, 'type' | 'name'>, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const parts = pattern.split('*').map((part) => part.replaceAll(/[.\\+?^${}()|[\]]/g, '\\$&'))
    return new RegExp(`^${parts.join('.*')}$`, 'i').test(`${type}:${name}`)
  })
}

function inOrder(one: Drift, other: Drift): number {
  const [a, b] = [one, other].map(({ type, name }) => `${type}:${name}`) as [string, string]
  return a < b ? -1 : a > b ? 1 : 0
}

/** In the sources, as whoever sent them knows it. */
function fileOf({ type, name, path, what }: Drift, { members, files }: Origins): string | null {
  if (what === 'only-there') return null
  const member = members[`${type}:${name}`]
  return (childTypes.has(type) ? member : files[path]) ?? member ?? files[path] ?? null
}

type Placed = DriftResult['drifts'][number]

async function conclude(
  context: Context<DriftInput>,
  org: Org,
  same: number,
  drifts: readonly Placed[],
): Promise<DriftResult> {
  const count = (what: Drift['what']) => drifts.filter((one) => one.what === what).length
  const [changed, onlyHere, onlyThere] = [count('changed'), count('only-here'), count('only-there')]
  const said = `org ${org.alias}: ${same} components are the same, ${changed} are changed there, ${onlyHere} are not there, ${onlyThere} are only there`
  context.log.info(said)
  const findings = drifts.map((one) => ({
    file: one.file ?? 'package.xml',
    line: 1,
    column: 1,
    rule: `drift/${one.what}`,
    severity: 'warning',
    message: sentenceOf(one, org.alias),
  }))
  const rows = drifts.map((one) => [
    one.what,
    one.type,
    plain(one.name),
    plain(one.detail ?? ''),
    plain(one.file ?? ''),
  ])
  const summary = sections([
    `### Drift of ${org.alias}`,
    plain(said),
    table(['', 'Type', 'Name', 'What', 'File'], rows),
  ])
  const keep = (name: string, text: string, contentType: string) =>
    context.artifact(name, new TextEncoder().encode(text), { contentType })
  await keep('metadata.drift.json', JSON.stringify(findings), 'application/json')
  await keep('drift.json', JSON.stringify(drifts), 'application/json')
  await keep('summary.md', summary, 'text/markdown')
  if (context.input.failOn === 'any' && drifts.length > 0)
    throw new FatalError(`${said}: drift.json and summary.md name them`, { code: 'DRIFTED' })
  const truncated = drifts.length > shownDrifts
  const shown = drifts.slice(0, shownDrifts)
  return { org: org.alias, same, changed, onlyHere, onlyThere, drifts: shown, truncated, apiUsage: org.apiUsage }
}
