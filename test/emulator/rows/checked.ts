import { ApiError } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import { coerce } from './coerce.ts'
import { type Field, fieldOf, type ObjectDefinition } from './define.ts'
import { looksLikeId, to18 } from './ids.ts'
import type { Operation, Row, Value } from './store.ts'

/** Writes of clients: what Salesforce refuses is refused with its words, as an `ApiError` a row. */

export type Given = Readonly<Record<string, unknown>>

const stamps: ReadonlySet<string> = new Set(['CreatedDate', 'CreatedById', 'LastModifiedDate', 'LastModifiedById'])

export function insertRow(org: EmulatedOrg, object: ObjectDefinition, given: Given, by: string): string {
  org.rowFaults.next()
  if (!object.createable) throw notSupported(object, 'create')
  const values = valuesOf(org, object, given, 'insert')
  checkRequired(object, values)
  checkRow(org, object, values, 'insert', null)
  return org.rows.insert(object.name, values, by)
}

export function updateRow(org: EmulatedOrg, object: ObjectDefinition, id: string, given: Given, by: string): void {
  org.rowFaults.next()
  if (!object.updateable) throw notSupported(object, 'update')
  const before = liveRow(org, object, id)
  const values = valuesOf(org, object, given, 'update')
  for (const field of object.fields.values()) {
    if (field.required && field.name in values && values[field.name] === null) throw missing([field.name])
  }
  checkRow(org, object, values, 'update', before)
  org.rows.update(object.name, before.Id, values, by)
}

export function deleteRow(org: EmulatedOrg, object: ObjectDefinition, id: string): void {
  org.rowFaults.next()
  if (!object.deletable) throw notSupported(object, 'delete')
  const { Id } = liveRow(org, object, id)
  const refused = org.rows.hooks(object.name).map(({ check }) => check?.(org.rows.get(object.name, Id) ?? {}, 'delete'))
  for (const error of refused) if (error) throw new ApiError(400, error.statusCode, error.message, error.fields)
  org.rows.remove(object.name, Id)
}

/** Returns the row's id and whether it is new. */
export function upsertRow(
  org: EmulatedOrg,
  object: ObjectDefinition,
  key: { readonly field: string; readonly value: unknown },
  given: Given,
  by: string,
): { readonly id: string; readonly created: boolean } {
  const field = fieldOf(object, key.field)
  if (!field || !(field.externalId || field.type === 'id')) throw noExternalId(key.field)
  if (field.type === 'id' && !key.value)
    return { id: insertRow(org, object, withoutKey(given, field), by), created: true }
  if (key.value === null || key.value === undefined || key.value === '') {
    throw new ApiError(400, 'MISSING_ARGUMENT', `${field.name} not specified`)
  }
  const rest = withoutKey(given, field)
  const found = findBy(org, object, field, key.value)
  if (found.length > 1)
    throw new ApiError(300, 'DUPLICATE_EXTERNAL_ID', `${field.name}: more than one record found for external id field`)
  const [row] = found
  if (row) {
    updateRow(org, object, row.Id, rest, by)
    return { id: row.Id, created: false }
  }
  if (field.type === 'id') throw new ApiError(404, 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')
  return { id: insertRow(org, object, { ...rest, [field.name]: key.value }, by), created: true }
}

function withoutKey(given: Given, { name: key }: Field): Given {
  return Object.fromEntries(Object.entries(given).filter(([name]) => name.toLowerCase() !== key.toLowerCase()))
}

/** Live rows with this external id. */
export function findBy(org: EmulatedOrg, object: ObjectDefinition, field: Field, value: unknown): Row[] {
  const wanted = coerce(field, value)
  const rows =
    field.type === 'id' ? [org.rows.get(object.name, String(wanted))] : org.rows.lookup(object.name, field.name, wanted)
  return rows.filter((row): row is Row => row !== undefined && row.IsDeleted !== true)
}

export function liveRow(org: EmulatedOrg, object: ObjectDefinition, id: string): Row {
  if (!looksLikeId(id) || id.slice(0, 3) !== object.keyPrefix) {
    throw new ApiError(400, 'MALFORMED_ID', `${object.label} ID: id value of incorrect type: ${id}`, ['Id'])
  }
  const row = org.rows.get(object.name, id)
  if (!row) throw new ApiError(404, 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')
  if (row.IsDeleted === true) throw new ApiError(404, 'ENTITY_IS_DELETED', 'entity is deleted')
  return row
}

export function noExternalId(name: string): ApiError {
  return new ApiError(404, 'NOT_FOUND', `Provided external ID field does not exist or is not accessible: ${name}`)
}

function valuesOf(
  org: EmulatedOrg,
  object: ObjectDefinition,
  given: Given,
  operation: Operation,
): Record<string, Value> {
  const values: Record<string, Value> = {}
  for (const [name, value] of Object.entries(given)) {
    if (name === 'attributes') continue
    const related = relatedId(org, object, name, value)
    if (related) values[related.field.name] = related.id
    else {
      const field = fieldOf(object, name)
      if (!field) throw noColumn(object, name)
      if (field.type === 'id' && operation === 'update') continue
      if (!isWritable(org, field, operation)) throw notWritable(field)
      values[field.name] = coerce(field, value)
    }
  }
  return values
}

/** `Account: { External__c: 'x' }` and the CSV column `Account.External__c` name a row by its external id. */
function relatedId(
  org: EmulatedOrg,
  object: ObjectDefinition,
  name: string,
  value: unknown,
): { readonly field: Field; readonly id: string | null } | null {
  const isNested = typeof value === 'object' && value !== null
  const [relationship, column] = name.includes('.') ? name.split('.') : [name, null]
  if (!isNested && column === null) return null
  const field = [...object.fields.values()].find((one) => one.relationshipName === relationship)
  if (!field) return null
  const [key, wanted] = isNested
    ? (Object.entries(value).find(([member]) => member !== 'attributes') ?? ['', ''])
    : [column ?? '', value]
  if (wanted === null || wanted === '#N/A') return { field, id: null }
  for (const target of field.referenceTo.flatMap((one) => org.rows.definition(one) ?? [])) {
    const external = fieldOf(target, key)
    const [row] = external ? findBy(org, target, external, wanted) : []
    if (row) return { field, id: row.Id }
  }
  const message = `Foreign key external ID: ${String(wanted).toLowerCase()} not found for field ${key} in entity ${field.referenceTo[0]}`
  throw new ApiError(400, 'INVALID_FIELD', message)
}

function checkRequired(object: ObjectDefinition, values: Readonly<Record<string, Value>>): void {
  const names = [...object.fields.values()]
    .filter(({ name, required, defaultValue }) => required && (values[name] ?? defaultValue) === null)
    .map(({ name }) => name)
  if (names.length > 0) throw missing(names)
}

function checkRow(
  org: EmulatedOrg,
  object: ObjectDefinition,
  values: Readonly<Record<string, Value>>,
  operation: Operation,
  before: Row | null,
): void {
  for (const [name, value] of Object.entries(values)) {
    const field = object.fields.get(name)
    if (!field || value === null) continue
    if (field.type === 'reference') checkReference(org, field, String(value))
    if (field.unique) checkUnique(org, object, field, value, before)
  }
  const row = { ...before, ...values }
  for (const { check } of org.rows.hooks(object.name)) {
    const error = check?.(row, operation)
    if (error) throw new ApiError(400, error.statusCode, error.message, error.fields)
  }
}

function checkReference(org: EmulatedOrg, field: Field, id: string): void {
  if (!looksLikeId(id)) {
    throw new ApiError(400, 'MALFORMED_ID', `${field.label}: id value of incorrect type: ${id}`, [field.name])
  }
  const target = field.referenceTo
    .flatMap((name) => org.rows.definition(name) ?? [])
    .find(({ keyPrefix }) => keyPrefix === id.slice(0, 3))
  if (!target) {
    throw new ApiError(400, 'FIELD_INTEGRITY_EXCEPTION', `${field.label}: id value of incorrect type: ${id}`, [
      field.name,
    ])
  }
  const row = org.rows.get(target.name, to18(id))
  if (!row) throw new ApiError(400, 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', [field.name])
  if (row.IsDeleted === true) throw new ApiError(400, 'ENTITY_IS_DELETED', 'entity is deleted', [field.name])
  if (field.name === 'OwnerId' && target.name === 'Group' && row.Type !== 'Queue')
    throw new ApiError(400, 'INVALID_CROSS_REFERENCE_KEY', 'Owner ID: a group that is no queue owns nothing', [
      'OwnerId',
    ])
}

function checkUnique(org: EmulatedOrg, object: ObjectDefinition, field: Field, value: Value, before: Row | null): void {
  const other = org.rows
    .lookup(object.name, field.name, value)
    .find(({ Id, IsDeleted }) => Id !== before?.Id && IsDeleted !== true)
  if (!other) return
  const message = `duplicate value found: ${field.name} duplicates value on record with id: ${other.Id.slice(0, 15)}`
  throw new ApiError(400, 'DUPLICATE_VALUE', message)
}

function isWritable(org: EmulatedOrg, field: Field, operation: Operation): boolean {
  if (operation === 'update') return field.updateable
  return field.createable || (org.setsAuditFields && stamps.has(field.name))
}

function noColumn({ name: object }: ObjectDefinition, name: string): ApiError {
  return new ApiError(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${object}`)
}

function notWritable({ name }: Field): ApiError {
  const advice =
    'Please check the security settings of this field and verify that it is read/write for your profile or permission set.'
  return new ApiError(400, 'INVALID_FIELD_FOR_INSERT_UPDATE', `Unable to create/update fields: ${name}. ${advice}`, [
    name,
  ])
}

function missing(names: readonly string[]): ApiError {
  return new ApiError(400, 'REQUIRED_FIELD_MISSING', `Required fields are missing: [${names.join(', ')}]`, names)
}

function notSupported({ name }: ObjectDefinition, verb: string): ApiError {
  return new ApiError(400, 'INVALID_TYPE_FOR_OPERATION', `entity type ${name} does not support ${verb}`)
}
