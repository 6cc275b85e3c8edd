import { toMoment } from '../../contract/present.ts'
import { defaultPageItems } from '../../contract/query.ts'
import { Type } from '../../contract/schema.ts'
import {
  BySecretName,
  type ListedSecret,
  Rotation,
  SealingKey,
  SecretListQuery,
  SecretPage,
  SentSecret,
  StoredVersion,
} from '../../contract/secret.ts'
import type { SecretListing } from '../../journal/secrets.ts'
import { takeIn } from '../../secrets/intake.ts'
import { VaultUnusable } from '../../secrets/unusable.ts'
import { Refusal } from '../../task/errors.ts'
import type { App } from '../app.ts'
import type { ServerDeps } from '../deps.ts'
import { toPage } from '../page.ts'
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
    async ({ query: { limit = defaultPageItems, cursor }, caller }) => {
      // One more than asked for tells whether there are more.
      const found = await vault.list(caller.tenant, cursor, limit + 1)
      return toPage(found.slice(0, limit), found.length > limit, ({ name }) => name, toListed)
    },
  )

  app.get(
    '/secrets/public-key',
    { schema: { summary: 'The key that values are sealed to', response: { 200: SealingKey, ...refusals } } },
    async () => ({ publicKey: vault.publicKey, layout: 'mayfly.secret.v1' as const }),
  )
}

/** For admins alone: whoever registers this sees to it. */
export function rotationRoutes(app: App, { vault, clock }: ServerDeps): void {
  app.post(
    '/secrets/rotation',
    {
      schema: {
        summary: 'Put all secrets under new keys, while tasks go on',
        response: { 202: Rotation, ...refusals },
      },
    },
    async (_request, reply) => {
      await vault.rotation.begin(() => clock.now()).catch(refuse)
      return reply.code(202).send(vault.rotation.progress)
    },
  )

  app.get(
    '/secrets/rotation',
    { schema: { summary: 'How far the keys have been changed', response: { 200: Rotation, ...refusals } } },
    async () => vault.rotation.progress,
  )
}

function refuse(error: unknown): never {
  if (error instanceof VaultUnusable) throw new Refusal('CONFLICT', error.message, { cause: error })
  throw error
}

function toListed({ name, version, createdAt, updatedAt }: SecretListing): ListedSecret {
  return { name, version, createdAt: toMoment(createdAt), updatedAt: toMoment(updatedAt) }
}
