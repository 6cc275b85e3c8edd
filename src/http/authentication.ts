import type { FastifyRequest } from 'fastify'
import type { Authenticate, Credential } from '../access/credential.ts'
import { Refusal } from '../task/errors.ts'
import type { App } from './app.ts'

/** Nothing behind this is reached without a valid token; it runs before a body is read or a socket upgraded. */
export function requireToken(app: App, authenticate: Authenticate): void {
  app.addHook('onRequest', (request, _reply, next) => {
    whenKnown(credentialOf(request, authenticate), request, next)
  })
}

/** Nothing behind this is reached with a tenant's token. */
export function requireAdmin(app: App): void {
  app.addHook('onRequest', ({ caller }, _reply, next) => {
    if (caller.role !== 'admin') throw new Refusal('FORBIDDEN', 'this is for admins: ask with an admin token')
    next()
  })
}

/** Goes on with who it is: in the same breath where that is known, and with the refusal where it is to be refused. */
export function whenKnown(
  found: Credential | Promise<Credential>,
  request: FastifyRequest,
  next: (error?: Error) => void,
): void {
  if (!(found instanceof Promise)) {
    request.caller = found
    next()
    return
  }
  found.then((caller) => {
    request.caller = caller
    next()
  }, next)
}

export function credentialOf(
  { headers }: FastifyRequest,
  authenticate: Authenticate,
): Credential | Promise<Credential> {
  const actFor = headers['mayfly-tenant']
  return authenticate({
    authorization: headers.authorization,
    actFor: Array.isArray(actFor) ? actFor.join(',') : actFor,
  })
}
