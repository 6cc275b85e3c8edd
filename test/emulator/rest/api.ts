import { notFound } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import type { EmulatedRequest } from '../request.ts'
import type { ObjectDefinition } from '../rows/define.ts'
import type { Api } from '../soql/fields.ts'

export function apiOf({ path }: EmulatedRequest): Api {
  return /^\/services\/data\/v[\d.]+\/tooling\//.test(`${path}/`) ? 'tooling' : 'data'
}

/** `/services/data/v62.0` */
export function baseOf({ params }: EmulatedRequest): string {
  return `/services/data/v${params.version}`
}

/** The object that the URL names. */
export function objectInPath(org: EmulatedOrg, request: EmulatedRequest): ObjectDefinition {
  const definition = org.rows.definition(request.params.object ?? '')
  if (!definition || (definition.api !== 'both' && definition.api !== apiOf(request))) throw notFound()
  return definition
}

/** Who writes; routes with a session only. */
export function writerOf(org: EmulatedOrg, { session }: EmulatedRequest): string {
  return session?.userId ?? org.userId
}
