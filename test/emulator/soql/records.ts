import type { EmulatedOrg } from '../org.ts'
import type { Field, ObjectDefinition } from '../rows/define.ts'
import type { Row, Value } from '../rows/store.ts'
import { type Api, follow, targetOf } from './fields.ts'
import type { Plan } from './plan.ts'

export type Json = { [member: string]: Value | Json }

/** A row as REST shows it, with the rows that it refers to nested. */
export function recordOf(org: EmulatedOrg, plan: Plan, row: Row, base: string, api: Api): Json {
  if (plan.isAggregate) {
    const shown = plan.columns.map(({ name, read }) => [name, read(row)])
    return { attributes: { type: 'AggregateResult' }, ...Object.fromEntries(shown) }
  }
  const record: Json = { attributes: attributesOf(plan.object, row, base, api) }
  for (const { parents, field } of plan.columns) {
    let place: Json | null = record
    for (const [index, parent] of parents.entries()) {
      place = nested(org, place, row, parents.slice(0, index + 1), parent.relationshipName ?? parent.name, base, api)
      if (place === null) break
    }
    const holder = follow(org.rows, row, parents)
    if (place && holder) place[field.name] = shownValue(holder, field, place, base)
  }
  return record
}

/** Every field of a row, as a retrieve shows it. */
export function wholeRecord(object: ObjectDefinition, row: Row, base: string, api: Api): Json {
  const record: Json = { attributes: attributesOf(object, row, base, api) }
  for (const field of object.fields.values()) record[field.name] = shownValue(row, field, record, base)
  return record
}

function nested(
  org: EmulatedOrg,
  place: Json,
  row: Row,
  parents: Parameters<typeof follow>[2],
  name: string,
  base: string,
  api: Api,
): Json | null {
  const there = place[name]
  if (there !== undefined) return there as Json | null
  const parent = follow(org.rows, row, parents)
  const reference = parents.at(-1)
  const object = parent && reference && targetOf(org.rows, reference, parent.Id)
  place[name] = parent && object ? { attributes: attributesOf(object, parent, base, api) } : null
  return place[name] as Json | null
}

function attributesOf({ name }: ObjectDefinition, { Id }: Row, base: string, api: Api): Json {
  return { type: name, url: `${base}${api === 'tooling' ? '/tooling' : ''}/sobjects/${name}/${Id}` }
}

/** Bytes are fetched by their own URL, which stands in their place; complex values are kept as their JSON. */
function shownValue(row: Row, { name, type }: Field, { attributes }: Json, base: string): Value | Json {
  const value = row[name] ?? null
  if (type === 'complexvalue' && typeof value === 'string') return JSON.parse(value)
  if (!Buffer.isBuffer(value)) return value
  return `${base}/sobjects/${(attributes as { type: string }).type}/${row.Id}/${name}`
}
