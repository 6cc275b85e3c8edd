import { ApiError } from '../answer.ts'
import { type Field, fieldOf, type ObjectDefinition } from '../rows/define.ts'
import type { Row, RowStore, Value } from '../rows/store.ts'
import type { Path, Query } from './parse.ts'
import { malformed } from './tokens.ts'

/** A field of the row itself or of one that it refers to, ready to be read. */
export interface Column {
  /** As Salesforce spells it: `Owner.Username`. */
  readonly name: string
  readonly field: Field
  /** The references on the way, none for a field of the row itself. */
  readonly parents: readonly Field[]
  readonly read: (row: Row) => Value
}

export type Api = 'data' | 'tooling'

export function objectOf(rows: RowStore, name: string, api: Api): ObjectDefinition {
  const definition = rows.definition(name)
  const isKnown = definition?.queryable && (definition.api === 'both' || definition.api === api)
  if (!isKnown) {
    throw new ApiError(
      400,
      'INVALID_TYPE',
      `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
    )
  }
  return definition
}

export function columnOf(rows: RowStore, object: ObjectDefinition, path: Path, query: Query): Column {
  const names = path.name.split('.')
  if (names[0]?.toLowerCase() === object.name.toLowerCase() && names.length > 1) names.shift()
  const parents: Field[] = []
  let targets: readonly ObjectDefinition[] = [object]
  for (const relationship of names.slice(0, -1)) {
    const parent = findRelationship(targets, relationship)
    if (!parent) throw noRelationship(query, path, relationship)
    parents.push(parent)
    targets = parent.referenceTo.flatMap((name) => rows.definition(name) ?? [])
  }
  const last = names.at(-1) ?? ''
  const field = targets.map((target) => fieldOf(target, last)).find((found) => found !== undefined)
  if (!field) throw noColumn(query, path, last, targets[0] ?? object)
  const name = [...parents.map(({ relationshipName }) => relationshipName), field.name].join('.')
  return { name, field, parents, read: (row) => follow(rows, row, parents)?.[field.name] ?? null }
}

/** The row at the end of the references; undefined where one leads nowhere. */
export function follow(rows: RowStore, row: Row, parents: readonly Field[]): Row | undefined {
  let current: Row | undefined = row
  for (const parent of parents) {
    const id: Value | undefined = current?.[parent.name]
    current = typeof id === 'string' ? referred(rows, parent, id) : undefined
  }
  return current
}

function referred(rows: RowStore, reference: Field, id: string): Row | undefined {
  const object = targetOf(rows, reference, id)
  return object && rows.get(object.name, id)
}

/** Which object an id of this reference belongs to. */
export function targetOf(rows: RowStore, reference: Field, id: string): ObjectDefinition | undefined {
  const targets = reference.referenceTo.flatMap((name) => rows.definition(name) ?? [])
  return targets.find(({ keyPrefix }) => keyPrefix === id.slice(0, 3))
}

function findRelationship(targets: readonly ObjectDefinition[], name: string): Field | undefined {
  const fields = targets.flatMap((target) => [...target.fields.values()])
  return fields.find(({ relationshipName }) => relationshipName?.toLowerCase() === name.toLowerCase())
}

function noColumn({ soql }: Query, { at }: Path, name: string, object: ObjectDefinition): ApiError {
  const advice =
    "If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
  return malformed(soql, at, `No such column '${name}' on entity '${object.name}'. ${advice}`, 'INVALID_FIELD')
}

function noRelationship({ soql }: Query, { at }: Path, name: string): ApiError {
  return malformed(soql, at, `Didn't understand relationship '${name}' in field path.`, 'INVALID_FIELD')
}
