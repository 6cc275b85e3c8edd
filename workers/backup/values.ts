/** Values of a backup's rows, made into what another org takes. */
import type { Column } from './mapping.ts'

export type Row = Readonly<Record<string, string>>

export type Value = string | number | boolean | null

/** What stands for an id in the target; undefined when nothing does. */
export interface Targets {
  record(id: string): string | undefined
  user(id: string): string | undefined
  recordType(id: string): string | undefined
}

export interface Values {
  readonly values: Readonly<Record<string, Value>>
  /** Lookups that have no target; those that are required stop the row. */
  readonly lost: readonly string[]
  readonly missing: readonly string[]
}

export interface ValueRules {
  /** Lookups that are left for the second pass. */
  readonly later?: ReadonlySet<string>
  /** Rows that are there are set to what they were, also where that was nothing. */
  readonly withEmpty?: boolean
}

/** The values to send. */
export function valuesOf(row: Row, columns: readonly Column[], targets: Targets, rules: ValueRules = {}): Values {
  const values: Record<string, Value> = {}
  const lost: string[] = []
  const missing: string[] = []
  for (const column of columns) {
    const text = row[column.name] ?? ''
    if (text === '' && rules.withEmpty) values[column.name] = null
    if (text === '' || rules.later?.has(column.name)) continue
    const value = column.kind === 'value' ? toValue(text, column.type) : targetOf(column.kind, text, targets)
    if (value !== undefined) values[column.name] = value
    else if (column.kind === 'lookup' && column.required) missing.push(column.name)
    else lost.push(column.name)
  }
  return { values, lost, missing }
}

const numeric = new Set(['int', 'double', 'currency', 'percent', 'long'])
/** More digits do not survive as a number of JSON. */
const safeDigits = 15

function toValue(text: string, type: string): Value {
  if (type === 'boolean') return text === 'true'
  if (!numeric.has(type) || text.replace(/\D/g, '').length > safeDigits) return text
  return Number.isFinite(Number(text)) ? Number(text) : text
}

function targetOf(kind: 'lookup' | 'user' | 'recordType', id: string, targets: Targets): string | undefined {
  if (kind === 'recordType') return targets.recordType(id)
  if (kind === 'user') return targets.user(id)
  // A lookup to several objects may hold a user.
  return targets.record(id) ?? targets.user(id)
}

/**
 * Owners of the backup → ids of the target: as it was asked for, by the id where that is `there` still, by name, or with a
 * sandbox's suffix. Names are those of users and, without an "@", of queues.
 */
export function matchOwners(
  source: ReadonlyMap<string, string>,
  target: ReadonlyMap<string, string>,
  asked: Readonly<Record<string, string>> = {},
  there: ReadonlySet<string> = new Set(),
): Map<string, string> {
  const usernames = [...target.keys()].filter(isUsername).sort()
  const found = new Map<string, string>()
  for (const [id, name] of source) {
    const wanted = asked[name] ?? name
    const inSandbox =
      isUsername(wanted) &&
      usernames.find((username) => username.startsWith(`${wanted}.`) || wanted.startsWith(`${username}.`))
    const byName = target.get(wanted) ?? (inSandbox ? target.get(inSandbox) : undefined)
    const match = asked[name] === undefined && there.has(id) ? id : byName
    if (match !== undefined) found.set(id, match)
  }
  return found
}

const isUsername = (name: string) => name.includes('@')

export interface RecordType {
  readonly id: string
  readonly object: string
  readonly developerName: string
}

/** Ids of record types → those of the target with the same name for the same object. */
export function matchRecordTypes(source: readonly RecordType[], target: readonly RecordType[]): Map<string, string> {
  const keyOf = ({ object, developerName }: RecordType) => `${object} ${developerName}`
  const byKey = new Map(target.map((one) => [keyOf(one), one.id]))
  const found = source.map((one): [string, string | undefined] => [one.id, byKey.get(keyOf(one))])
  return new Map(found.filter((pair): pair is [string, string] => pair[1] !== undefined))
}
