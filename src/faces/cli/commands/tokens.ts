import type { Command } from 'commander'
import { all } from '../../../client/pages.ts'
import type { NewToken } from '../../../contract/token.ts'
import { POOLS } from '../../../task/task.ts'
import { action, collect, define, group, type Making, oneOf } from '../command.ts'
import { table } from '../output.ts'
import { numberOf } from '../request.ts'

export function tokensCommand(making: Making): Command {
  const summary = 'Create, list and revoke tokens, with an admin token'
  return group('tokens', summary, [createCommand(making), listCommand(making), revokeCommand(making)])
}

interface CreateOptions {
  readonly name?: string
  readonly role?: string
  readonly pool: readonly string[]
  readonly kind: readonly string[]
  readonly paths?: boolean
  readonly expires?: string
}

function createCommand(making: Making): Command {
  const example = 'mayfly tokens create --tenant acme --name ci --expires 86400'
  return define('create', 'Create a token for --tenant and print it, this once', example)
    .option('--name <text>', 'what it is for')
    .addOption(oneOf('--role <role>', 'what it may do; tenant when left out', ['tenant', 'admin']))
    .addOption(
      oneOf('--pool <pool>', 'a pool that it may use; may be given several times', POOLS)
        .argParser(collect)
        .default([]),
    )
    .option('--kind <kind>', 'a kind that it may submit; may be given several times', collect, [])
    .option('--paths', 'it may submit tasks that read directories of the machine')
    .option('--expires <seconds>', 'how long it is valid; for ever when left out')
    .action(
      action<CreateOptions>(making, async ({ client, out }, options) => {
        const created = await client.tokens.create(toRequest(options))
        out.document(created, () => created.token)
        if (!out.json) out.note(`token ${created.id} of ${created.tenant}: keep it now, it is not shown again`)
        return undefined
      }),
    )
}

function toRequest({ name, role, pool, kind, paths, expires }: CreateOptions): NewToken {
  return {
    ...(name !== undefined && { name }),
    ...(role !== undefined && { role: role as NonNullable<NewToken['role']> }),
    ...(pool.length > 0 && { pools: [...pool] as NonNullable<NewToken['pools']> }),
    ...(kind.length > 0 && { kinds: [...kind] }),
    ...(paths && { paths }),
    ...(expires !== undefined && { expiresInSeconds: numberOf('--expires', expires) }),
  }
}

function listCommand(making: Making): Command {
  return define('list', 'List tokens, without their secrets; --tenant leaves out others', 'mayfly tokens list').action(
    action(making, async ({ client, out, settings }) => {
      const tokens = await all(client.tokens.list(settings.tenant?.value))
      out.document(tokens, () =>
        table(
          ['ID', 'NAME', 'TENANT', 'ROLE', 'POOLS', 'KINDS', 'EXPIRES', 'LAST USED'],
          tokens.map(({ id, name, tenant, role, pools, kinds, expiresAt, lastUsedAt }) => [
            id,
            name,
            tenant,
            role,
            pools?.join(',') ?? null,
            kinds?.join(',') ?? null,
            expiresAt,
            lastUsedAt,
          ]),
        ),
      )
      return undefined
    }),
  )
}

function revokeCommand(making: Making): Command {
  return define('revoke', 'Revoke a token: its open streams are closed', 'mayfly tokens revoke 0192a3b4-…')
    .argument('<id>', 'the id of the token')
    .action(
      action(making, async ({ client, out }, _options, id: string) => {
        await client.tokens.revoke(id)
        out.document({ id, revoked: true }, () => `${id} is revoked`)
        return undefined
      }),
    )
}
