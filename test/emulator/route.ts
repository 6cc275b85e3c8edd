import type { Answer } from './answer.ts'
import type { EmulatedOrg } from './org.ts'
import type { EmulatedRequest } from './request.ts'

/** One endpoint. The first route that fits a request answers it. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** `/services/data/v:version/sobjects/:object`; a trailing slash of the request does not count. */
  readonly path: string
  /** The SOAP call that it answers. */
  readonly call?: string
  /** Needs no session. */
  readonly open?: true
  readonly handle: (org: EmulatedOrg, request: EmulatedRequest) => Answer | Promise<Answer>
}

/** The data API's endpoints are all below it. */
export const data = '/services/data/v:version'

export interface Match {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

/** Compiles once: `find` runs at each request. */
export function router(routes: readonly Route[]): (request: EmulatedRequest) => Match | null {
  const compiled = routes.map((route) => ({ route, pattern: compile(route.path) }))
  return (request) => {
    for (const { route, pattern } of compiled) {
      if (route.method !== request.method || (route.call !== undefined && route.call !== request.call)) continue
      const found = pattern.exec(request.path)
      if (found) return { route, params: decoded(found.groups ?? {}) }
    }
    return null
  }
}

function compile(path: string): RegExp {
  const pattern = path.replaceAll('.', '\\.').replace(/:(\w+)/g, '(?<$1>[^/]+)')
  return new RegExp(`^${pattern}$`)
}

function decoded(groups: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]))
}
