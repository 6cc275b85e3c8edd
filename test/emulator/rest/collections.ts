import { type Answer, ApiError, json } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import { type EmulatedRequest, jsonOf } from '../request.ts'
import { data, type Route } from '../route.ts'
import { deleteRow, type Given, insertRow, updateRow, upsertRow } from '../rows/checked.ts'
import type { ObjectDefinition } from '../rows/define.ts'
import { wholeRecord } from '../soql/records.ts'
import { apiOf, baseOf, objectInPath, writerOf } from './api.ts'

const maxRows = 200

interface RowResult {
  readonly id?: string
  readonly success: boolean
  readonly created?: boolean
  readonly errors: readonly unknown[]
}

interface Collection {
  readonly allOrNone?: boolean
  readonly records?: readonly (Given & { readonly attributes?: { readonly type?: string } })[]
}

/** Up to 200 rows a request, with results in their order. */
export const collectionRoutes: readonly Route[] = [
  { method: 'POST', path: `${data}/composite/sobjects`, handle: createAll },
  { method: 'PATCH', path: `${data}/composite/sobjects`, handle: updateAll },
  { method: 'DELETE', path: `${data}/composite/sobjects`, handle: deleteAll },
  { method: 'PATCH', path: `${data}/composite/sobjects/:object/:field`, handle: upsertAll },
  { method: 'POST', path: `${data}/composite/sobjects/:object`, handle: retrieveAll },
]

function createAll(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const by = writerOf(org, request)
  return each(org, jsonOf<Collection>(request), (record) => ({ id: insertRow(org, typeOf(org, record), record, by) }))
}

function updateAll(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const by = writerOf(org, request)
  return each(org, jsonOf<Collection>(request), (record) => {
    const { id = record.Id, ...values } = record
    if (typeof id !== 'string') throw new ApiError(400, 'MISSING_ARGUMENT', 'Id not specified in an update call')
    updateRow(org, typeOf(org, record), id, values, by)
    return { id }
  })
}

function upsertAll(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const object = objectInPath(org, request)
  const { field = '' } = request.params
  const by = writerOf(org, request)
  return each(org, jsonOf<Collection>(request), (record) => {
    const value = Object.entries(record).find(([name]) => name.toLowerCase() === field.toLowerCase())?.[1]
    return upsertRow(org, object, { field, value }, record, by)
  })
}

function deleteAll(org: EmulatedOrg, { query }: EmulatedRequest): Answer {
  const records = (query.get('ids') ?? '').split(',').map((id) => ({ id }))
  return each(org, { allOrNone: query.get('allOrNone') === 'true', records }, ({ id }) => {
    const object = org.rows.objectOf(String(id))
    if (!object) throw new ApiError(400, 'MALFORMED_ID', `bad id ${id}`)
    deleteRow(org, object, String(id))
    return { id: String(id) }
  })
}

function retrieveAll(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const object = objectInPath(org, request)
  const { ids = [], fields = [] } = jsonOf<{ ids?: string[]; fields?: string[] }>(request)
  const records = ids.map((id) => {
    const row = org.rows.get(object.name, id)
    if (!row || row.IsDeleted === true) return null
    const record = wholeRecord(object, row, baseOf(request), apiOf(request))
    return Object.fromEntries(['attributes', 'Id', ...fields].map((name) => [name, record[name]]))
  })
  return json(records)
}

function each(
  org: EmulatedOrg,
  { allOrNone = false, records = [] }: Collection,
  write: (record: NonNullable<Collection['records']>[number]) => { readonly id: string; readonly created?: boolean },
): Answer {
  if (records.length > maxRows) {
    const message = `record limit reached. cannot submit more than ${maxRows} records into this call`
    throw new ApiError(400, 'EXCEEDED_ID_LIMIT', message)
  }
  const results = org.rows.atomically(
    () => records.map((record) => resultOf(() => write(record))),
    (all) => !allOrNone || all.every(({ success }) => success),
  )
  const isUndone = allOrNone && results.some(({ success }) => !success)
  return json(isUndone ? results.map(undone) : results)
}

function resultOf(write: () => { readonly id: string; readonly created?: boolean }): RowResult {
  try {
    return { ...write(), success: true, errors: [] }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const { code: statusCode, message, fields } = error
    return { success: false, errors: [{ statusCode, message, fields }] }
  }
}

function undone(result: RowResult): RowResult {
  if (!result.success) return result
  const message = 'Record rolled back because not all records were valid and the request was using AllOrNone header'
  return { success: false, errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK', message, fields: [] }] }
}

function typeOf(org: EmulatedOrg, { attributes }: NonNullable<Collection['records']>[number]): ObjectDefinition {
  const object = org.rows.definition(attributes?.type ?? '')
  if (!object) throw new ApiError(400, 'INVALID_TYPE', `sObject type '${attributes?.type}' is not supported.`)
  return object
}
