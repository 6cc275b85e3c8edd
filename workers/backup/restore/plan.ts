/** What a restore will do, decided before anything is written: the order, the fields, and what is left out and why. */
import { invalidInput } from '../../errors/steering.ts'
import { describe, describeGlobal } from '../../salesforce/describe.ts'
import type { Org } from '../../salesforce/org.ts'
import type { Described } from '../fields.ts'
import { type Column, fileObjects, isRequired, isRestorable, mapColumns } from '../mapping.ts'
import { chooseNames } from '../objects.ts'
import { orderOf, type Reference } from '../order.ts'
import { type Bypass, planBypass } from './bypass.ts'
import type { CrossInput, RestoreInput } from './input.ts'
import type { Source } from './source.ts'

export interface PlannedRestore {
  readonly object: string
  /** At most; a chain of backups holds some rows more than once. */
  readonly rows: number
  /** Of rows that are made, and of rows that are there. */
  readonly creates: readonly Column[]
  readonly updates: readonly Column[]
  readonly dropped: readonly { readonly field: string; readonly why: string }[]
  /** Left for the second pass. */
  readonly later: readonly string[]
  readonly matchBy: string | null
}

export interface RestorePlan {
  readonly backup: string
  readonly from: string
  readonly target: string
  readonly isSameOrg: boolean
  /** In this order. */
  readonly objects: readonly PlannedRestore[]
  /** Of these the bytes, too. */
  readonly files: readonly string[]
  readonly left: readonly { readonly object: string; readonly why: string }[]
  readonly apiCalls: number
  readonly bypass: Bypass
}

export async function planRestore(
  source: Source,
  org: Org,
  input: RestoreInput | CrossInput,
  isSameOrg: boolean,
): Promise<RestorePlan> {
  const rows = source.objects
  const { chosen, left } = await choose(source, org, input)
  if (chosen.length === 0) throw invalidInput(nothingToRestore(source, org))
  const known = new Set([...chosen.map(({ name }) => name), 'ContentDocument'])
  const mapped = chosen.map((described) => mapObject(source, described, known, isSameOrg))
  const references = new Map(mapped.map(({ object, references }) => [object, references]))
  const { objects, deferred, impossible } = orderOf(references, (object) => rows.get(object) ?? 0)
  if (impossible.length > 0) throw invalidInput(circleOf(impossible))
  const byName = new Map(mapped.map((one) => [one.object, one]))
  const matchBy = 'matchBy' in input ? (input.matchBy ?? {}) : {}
  const planned = objects.flatMap((object): PlannedRestore[] => {
    const one = byName.get(object)
    if (!one) return []
    const { references: _, ...columns } = one
    return [
      { ...columns, rows: rows.get(object) ?? 0, later: deferred.get(object) ?? [], matchBy: matchBy[object] ?? null },
    ]
  })
  const files = input.files === false ? [] : filesIn(source)
  const calls = planned.reduce(
    (sum, one) => sum + Math.ceil(one.rows / (input.batchSize ?? 200)) * (isSameOrg ? 2 : 1),
    0,
  )
  const fileRows = files.reduce((sum, object) => sum + (rows.get(object) ?? 0), 0)
  const apiCalls = calls + fileRows + planned.length
  const { id, org: from } = source.manifest
  const bypass = await planBypass(org, input)
  return { backup: id, from, target: org.alias, isSameOrg, objects: planned, files, left, apiCalls, bypass }
}

interface Mapped {
  readonly object: string
  readonly creates: readonly Column[]
  readonly updates: readonly Column[]
  readonly dropped: readonly { readonly field: string; readonly why: string }[]
  readonly references: readonly Reference[]
}

function mapObject(source: Source, described: Described, known: ReadonlySet<string>, isSameOrg: boolean): Mapped {
  const columns = source.columns(described.name)
  const { columns: creates, dropped } = mapColumns(columns, described, { creates: true, known, isSameOrg })
  const { columns: updates } = mapColumns(columns, described, { creates: false, known, isSameOrg })
  const fields = new Map(described.fields.map((field) => [field.name, field]))
  const references = creates.flatMap(({ name, kind }): Reference[] => {
    const field = fields.get(name)
    return kind === 'lookup' && field ? [{ field: name, to: field.referenceTo ?? [], required: isRequired(field) }] : []
  })
  return { object: described.name, creates, updates, dropped, references }
}

interface Choice {
  readonly chosen: readonly Described[]
  readonly left: readonly { readonly object: string; readonly why: string }[]
}

/** Objects that have rows in the backup and can be written in the target. */
async function choose(source: Source, org: Org, { objects: selection = {} }: RestoreInput): Promise<Choice> {
  const named = chooseNames([...source.objects.keys()], selection).filter((name) => !fileObjects.includes(name))
  const isNamed = new Set(selection.include)
  org.step = 'listing what the target has'
  const sobjects = await describeGlobal<{ readonly name: string; readonly createable?: boolean }>(org)
  const there = new Map(sobjects.map((one) => [one.name, one]))
  const chosen: Described[] = []
  const left: { object: string; why: string }[] = []
  for (const object of named) {
    const rows = source.objects.get(object) ?? 0
    if (rows === 0 || (!isRestorable(object) && !isNamed.has(object))) continue
    const target = there.get(object)
    if (!target) left.push({ object, why: 'the target has no such object, or its user must not see it' })
    else if (!target.createable) left.push({ object, why: 'its rows cannot be made there' })
    else chosen.push(await describe<Described>(org, object))
  }
  return { chosen, left }
}

function filesIn(source: Source): string[] {
  return ['ContentVersion', 'Attachment', 'Document'].filter((object) => source.bodyIndexes(object).length > 0)
}

function nothingToRestore(source: Source, org: Org): string {
  return `the backup ${source.manifest.id} has no rows that org ${org.alias} takes: look at objects.include and objects.exclude, and at what its user may write`
}

function circleOf(impossible: readonly { readonly object: string; readonly field: string }[]): string {
  const fields = impossible.map(({ object, field }) => `${object}.${field}`).join(', ')
  return `no order makes these rows, because required lookups lead in a circle: ${fields}. Leave one of the objects out with objects.exclude`
}
