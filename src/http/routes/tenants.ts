import { closed } from '../../contract/fragments.ts'
import { toMoment } from '../../contract/present.ts'
import { Type } from '../../contract/schema.ts'
import { ContractTenant, NewTenant, TenantChange, TenantListQuery, TenantPage } from '../../contract/tenant.ts'
import type { TenantRecord } from '../../journal/tenants.ts'
import type { App } from '../app.ts'
import type { ServerDeps } from '../deps.ts'
import { pageOf } from '../page.ts'
import { refusals } from './shapes.ts'

/** Any text: a name that cannot be one is unknown, not wrong. */
const ByName = closed({ name: Type.String() })

/** For admins alone: whoever registers this sees to it. */
export function tenantRoutes(app: App, { access: { tenants }, processTimeOf }: ServerDeps): void {
  const toContractTenant = ({ name, quotas, createdAt }: TenantRecord): ContractTenant => ({
    name,
    quotas,
    processTime: processTimeOf(name),
    createdAt: toMoment(createdAt),
  })

  app.get(
    '/tenants',
    {
      schema: {
        summary: 'List tenants, by name',
        querystring: TenantListQuery,
        response: { 200: TenantPage, ...refusals },
      },
    },
    async ({ query }) => pageOf(tenants.list(), ({ name }) => name, query, toContractTenant),
  )

  app.post(
    '/tenants',
    { schema: { summary: 'Create a tenant', body: NewTenant, response: { 201: ContractTenant, ...refusals } } },
    async ({ caller, body }, reply) => {
      const tenant = await tenants.create(caller, body)
      return reply.code(201).header('location', `/v1/tenants/${tenant.name}`).send(toContractTenant(tenant))
    },
  )

  app.get(
    '/tenants/:name',
    { schema: { summary: 'Show a tenant', params: ByName, response: { 200: ContractTenant, ...refusals } } },
    async ({ params }) => toContractTenant(tenants.get(params.name)),
  )

  app.patch(
    '/tenants/:name',
    {
      schema: {
        summary: 'Change a tenant’s quotas',
        params: ByName,
        body: TenantChange,
        response: { 200: ContractTenant, ...refusals },
      },
    },
    async ({ caller, params, body }) => toContractTenant(await tenants.change(caller, params.name, body.quotas)),
  )

  app.delete(
    '/tenants/:name',
    {
      schema: {
        summary: 'Delete a tenant that has no unfinished tasks, with its tokens, pauses, schedules and secrets',
        params: ByName,
        response: { 204: Type.Null(), ...refusals },
      },
    },
    async ({ caller, params }, reply) => {
      await tenants.remove(caller, params.name)
      return reply.code(204).send()
    },
  )
}
