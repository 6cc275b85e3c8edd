import type { Command } from 'commander'
import { all } from '../../../client/pages.ts'
import { action, define, group, type Making } from '../command.ts'
import { pairs, table } from '../output.ts'
import { type QuotaOptions, quotasOf, withQuotas } from './quota-flags.ts'

export function tenantsCommand(making: Making): Command {
  const summary = 'Create, list, show, change and delete tenants, with an admin token'
  return group('tenants', summary, [
    createCommand(making),
    listCommand(making),
    showCommand(making),
    changeCommand(making),
    deleteCommand(making),
  ])
}

function createCommand(making: Making): Command {
  return withQuotas(define('create', 'Create a tenant', 'mayfly tenants create acme --running 4'))
    .argument('<name>')
    .action(
      action<QuotaOptions, [string]>(making, async ({ client, out }, options, name) => {
        const tenant = await client.tenants.create({ name, quotas: quotasOf(options) })
        out.document(tenant, () => `${name} is there: give it a token with mayfly tokens create --tenant ${name}`)
        return undefined
      }),
    )
}

function changeCommand(making: Making): Command {
  return withQuotas(define('change', 'Change quotas', 'mayfly tenants change acme --running default'))
    .argument('<name>')
    .action(
      action<QuotaOptions, [string]>(making, async ({ client, out }, options, name) => {
        const tenant = await client.tenants.change(name, { quotas: quotasOf(options) })
        out.document(tenant, () => pairs(Object.entries(tenant.quotas)))
        return undefined
      }),
    )
}

function listCommand(making: Making): Command {
  return define('list', 'List tenants', 'mayfly tenants list').action(
    action(making, async ({ client, out }) => {
      const tenants = await all(client.tenants.list())
      out.document(tenants, () =>
        table(
          ['NAME', 'RUNNING', 'QUEUED', 'SUBMITS/MIN', 'CREATED'],
          tenants.map(({ name, quotas, createdAt }) => [
            name,
            quotas.running,
            quotas.queued,
            quotas.submitsPerMinute,
            createdAt,
          ]),
        ),
      )
      return undefined
    }),
  )
}

function showCommand(making: Making): Command {
  return define('show', 'Show a tenant', 'mayfly tenants show acme')
    .argument('<name>')
    .action(
      action(making, async ({ client, out }, _options, name: string) => {
        const tenant = await client.tenants.get(name)
        out.document(tenant, () => pairs(Object.entries(tenant)))
        return undefined
      }),
    )
}

function deleteCommand(making: Making): Command {
  return define('delete', 'Delete a tenant without unfinished tasks', 'mayfly tenants delete acme')
    .argument('<name>')
    .action(
      action(making, async ({ client, out }, _options, name: string) => {
        await client.tenants.delete(name)
        out.document({ name, deleted: true }, () => `${name} is deleted`)
        return undefined
      }),
    )
}
