import { type Answer, ApiError, empty, json, notFound } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import { type EmulatedRequest, jsonOf } from '../request.ts'
import { data, type Route } from '../route.ts'
import { deleteRow, findBy, insertRow, liveRow, noExternalId, updateRow, upsertRow } from '../rows/checked.ts'
import { fieldOf, type ObjectDefinition } from '../rows/define.ts'
import { looksLikeId } from '../rows/ids.ts'
import type { Row } from '../rows/store.ts'
import { wholeRecord } from '../soql/records.ts'
import { apiOf, baseOf, objectInPath, writerOf } from './api.ts'

const single: readonly Route[] = [
  { method: 'POST', path: '/sobjects/:object', handle: create },
  { method: 'GET', path: '/sobjects/:object/:id', handle: retrieve },
  { method: 'PATCH', path: '/sobjects/:object/:id', handle: update },
  { method: 'DELETE', path: '/sobjects/:object/:id', handle: remove },
  { method: 'GET', path: '/sobjects/:object/:id/:field', handle: bytesOrRow },
  { method: 'PATCH', path: '/sobjects/:object/:field/:value', handle: upsert },
  { method: 'POST', path: '/sobjects/:object/:field/:value', handle: upsert },
]

/** Single rows, by the data API and by the tooling API. */
export const sobjectRoutes: readonly Route[] = ['', '/tooling'].flatMap((prefix) =>
  single.map((route) => ({ ...route, path: `${data}${prefix}${route.path}` })),
)

function create(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const id = insertRow(org, objectInPath(org, request), givenRow(request), writerOf(org, request))
  return json({ id, success: true, errors: [], warnings: [], infos: [] }, 201)
}

function retrieve(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const object = objectInPath(org, request)
  const row = existing(org, object, request.params.id ?? '')
  return json(shown(org, request, object, row))
}

function update(org: EmulatedOrg, request: EmulatedRequest): Answer {
  updateRow(org, objectInPath(org, request), request.params.id ?? '', givenRow(request), writerOf(org, request))
  return empty()
}

function remove(org: EmulatedOrg, request: EmulatedRequest): Answer {
  deleteRow(org, objectInPath(org, request), request.params.id ?? '')
  return empty()
}

function upsert(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const { field = '', value } = request.params
  const key = { field, value }
  const { id, created } = upsertRow(org, objectInPath(org, request), key, givenRow(request), writerOf(org, request))
  return json({ id, success: true, errors: [], created }, created ? 201 : 200)
}

/** `/ContentVersion/068…/VersionData` gives the bytes, `/Account/External__c/x` the row with that external id. */
function bytesOrRow(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const object = objectInPath(org, request)
  const { id = '', field: last = '' } = request.params
  const external = looksLikeId(id) ? undefined : fieldOf(object, id)
  if (external) {
    if (!external.externalId) throw noExternalId(id)
    const [row] = findBy(org, object, external, last)
    if (!row) throw notFound()
    return json(shown(org, request, object, row))
  }
  const field = fieldOf(object, last)
  const bytes = field?.type === 'base64' ? existing(org, object, id)[field.name] : undefined
  if (!Buffer.isBuffer(bytes)) throw notFound()
  return { status: 200, headers: { 'content-type': 'application/octetstream' }, body: bytes }
}

function existing(org: EmulatedOrg, object: ObjectDefinition, id: string): Row {
  try {
    return liveRow(org, object, id)
  } catch (error) {
    if (error instanceof ApiError && error.code === 'ENTITY_IS_DELETED') throw error
    throw notFound()
  }
}

function shown(org: EmulatedOrg, request: EmulatedRequest, object: ObjectDefinition, row: Row): unknown {
  const hooks = org.rows.hooks(object.name).flatMap(({ read }) => read ?? [])
  const now = hooks.reduce((before, look) => look(before), row)
  const record = wholeRecord(object, now, baseOf(request), apiOf(request))
  const wanted = request.query.get('fields')?.split(',')
  if (!wanted) return record
  const names = wanted.map((name) => {
    const field = fieldOf(object, name.trim())
    if (!field) throw new ApiError(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${object.name}`)
    return field.name
  })
  return Object.fromEntries(['attributes', 'Id', ...names].map((name) => [name, record[name]]))
}

/** The row of a body of JSON, or of a form of two parts, as files of some size are sent. */
function givenRow(request: EmulatedRequest): Record<string, unknown> {
  const boundary = /boundary="?([^";]+)/.exec(request.headers['content-type'] ?? '')?.[1]
  if (!boundary) return jsonOf(request)
  const row: Record<string, unknown> = {}
  for (const { name, isFile, content } of partsOf(request.body, boundary)) {
    if (isFile) row[name] = content
    else Object.assign(row, JSON.parse(content.toString()))
  }
  return row
}

interface Part {
  readonly name: string
  readonly isFile: boolean
  readonly content: Buffer
}

export function partsOf(body: Buffer, boundary: string): Part[] {
  const mark = Buffer.from(`--${boundary}`)
  const parts: Part[] = []
  for (let at = body.indexOf(mark); at >= 0; ) {
    const next = body.indexOf(mark, at + mark.length)
    if (next < 0) break
    const part = body.subarray(at + mark.length + 2, next - 2)
    const end = part.indexOf('\r\n\r\n')
    const head = part.subarray(0, end).toString()
    const name = /name="([^"]*)"/.exec(head)?.[1] ?? ''
    parts.push({ name, isFile: head.includes('filename='), content: part.subarray(end + 4) })
    at = next
  }
  return parts
}
