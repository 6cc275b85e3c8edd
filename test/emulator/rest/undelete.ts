import { type Answer, ApiError } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import type { EmulatedRequest } from '../request.ts'
import type { Route } from '../route.ts'
import { elements, namespaces, soapAnswer } from '../soap.ts'

/** Out of the recycle bin: the partner API alone can do it. With and without the org's id at the end of the URL. */
export const undeleteRoutes: readonly Route[] = [
  { method: 'POST', path: '/services/Soap/u/:version', call: 'undelete', handle: undelete },
  { method: 'POST', path: '/services/Soap/u/:version/:org', call: 'undelete', handle: undelete },
]

function undelete(org: EmulatedOrg, { body }: EmulatedRequest): Answer {
  const ids = [...body.toString().matchAll(/<(?:\w+:)?ids>([^<]+)</gi)].map(([, id]) => id ?? '')
  return soapAnswer('undelete', elements({ result: ids.map((id) => resultOf(org, id)) }), namespaces.partner)
}

function resultOf(org: EmulatedOrg, id: string): Record<string, unknown> {
  try {
    const object = org.rows.objectOf(id)
    const row = object && org.rows.get(object.name, id)
    if (!object || !row) throw new ApiError(404, 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')
    if (row.IsDeleted !== true) throw new ApiError(400, 'UNDELETE_FAILED', 'Entity is not in the recycle bin')
    org.rows.undelete(object.name, id)
    return { id: row.Id, success: true }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return { errors: { message: error.message, statusCode: error.code }, id, success: false }
  }
}
