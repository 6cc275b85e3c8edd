import { Type } from 'typebox'
import { defaultPageItems } from '../../contract/query.ts'
import {
  BySecretName,
  SealingKey,
  SecretListQuery,
  SecretPage,
  SentSecret,
  StoredVersion,
} from '../../contract/secret.ts'
import type { SecretListing } from '../../journal/secrets.ts'
import { takeIn } from '../../secrets/intake.ts'
import { Refusal } from '../../task/errors.ts'
import type { App } from '../app.ts'
import type { ServerDeps } from '../deps.ts'
import { refusals } from './shapes.ts'

/** Values go in and never come out. */
export function secretRoutes(app: App, { vault, clock }: ServerDeps): void {
  app.put(
    '/secrets/:name',
    {
      schema: {
        summary: 'Store a secret, or its next version',
        params: BySecretName,
        body: SentSecret,
        response: { 200: StoredVersion, ...refusals },
      },
    },
    async ({ params: { name }, body, caller }) => {
      const value = takeIn(body, name, vault)
      return { name, version: await vault.put(caller.tenant, name, value, clock.now(), caller.tokenId) }
    },
  )

  app.delete(
    '/secrets/:name',
    { schema: { summary: 'Delete a secret', params: BySecretName, response: { 204: Type.Null(), ...refusals } } },
    async ({ params: { name }, caller }, reply) => {
      if (await vault.delete(caller.tenant, name, clock.now(), caller.tokenId)) return reply.code(204).send()
      throw new Refusal('NOT_FOUND', `there is no secret ${name}: GET /v1/secrets lists those there are`)
    },
  )

  app.get(
    '/secrets',
    { schema: { summary: 'List secrets', querystring: SecretListQuery, response: { 200: SecretPage, ...refusals } } },
    async ({ query: { limit = defaultPageItems, cursor }, caller }) =>
      toPage(await vault.list(caller.tenant, cursor, limit + 1), limit),
  )

  app.get(
    '/secrets/public-key',
    { schema: { summary: 'The key that values are sealed to', response: { 200: SealingKey, ...refusals } } },
    async () => ({ publicKey: vault.publicKey, layout: 'mayfly.secret.v1' as const }),
  )
}

function toPage(found: readonly SecretListing[], limit: number): SecretPage {
  const items = found.slice(0, limit)
  return {
    items: items.map(({ name, version, createdAt, updatedAt }) => ({
      name,
      version,
      createdAt: new Date(createdAt).toISOString(),
      updatedAt: new Date(updatedAt).toISOString(),
    })),
    nextCursor: found.length > limit ? (items.at(-1)?.name ?? null) : null,
  }
}
