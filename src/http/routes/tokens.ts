import { toMoment } from '../../contract/present.ts'
import { Type } from '../../contract/schema.ts'
import { type ContractToken, CreatedToken, NewToken, TokenListQuery, TokenPage } from '../../contract/token.ts'
import type { TokenRecord } from '../../journal/tokens.ts'
import type { App } from '../app.ts'
import type { ServerDeps } from '../deps.ts'
import { pageOf } from '../page.ts'
import { ById, refusals } from './shapes.ts'

/** For admins alone: whoever registers this sees to it. */
export function tokenRoutes(app: App, { access: { tokens } }: ServerDeps): void {
  app.get(
    '/tokens',
    {
      schema: {
        summary: 'List tokens, oldest first, without their secrets',
        querystring: TokenListQuery,
        response: { 200: TokenPage, ...refusals },
      },
    },
    async ({ query }) => pageOf(tokens.list(query.tenant), ({ id }) => id, query, toContractToken),
  )

  app.post(
    '/tokens',
    {
      schema: {
        summary: 'Create a token; the answer is the only place where it is shown',
        body: NewToken,
        response: { 201: CreatedToken, ...refusals },
      },
    },
    async ({ caller, body }, reply) => {
      const { token, record } = await tokens.create(caller, body)
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ ...toContractToken(record), token })
    },
  )

  app.delete(
    '/tokens/:id',
    {
      schema: {
        summary: 'Revoke a token: its streams are closed, its long polls ended',
        params: ById,
        response: { 204: Type.Null(), ...refusals },
      },
    },
    async ({ caller, params }, reply) => {
      await tokens.revoke(caller, params.id)
      return reply.code(204).send()
    },
  )
}

function toContractToken(record: TokenRecord): ContractToken {
  const { id, name, tenant, role, pools, kinds, paths, createdAt, expiresAt, lastUsedAt } = record
  return {
    id,
    name,
    tenant,
    role,
    pools: pools && [...pools],
    kinds: kinds && [...kinds],
    paths,
    createdAt: toMoment(createdAt),
    expiresAt: toMoment(expiresAt),
    lastUsedAt: toMoment(lastUsedAt),
  }
}
