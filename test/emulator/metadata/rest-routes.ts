import { type Answer, ApiError, json } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import { type EmulatedRequest, jsonOf } from '../request.ts'
import { partsOf } from '../rest/sobjects.ts'
import { data, type Route } from '../route.ts'
import type { Deployment } from './deployment.ts'
import { type DeployOptions, optionsOf } from './options.ts'
import { deployResult } from './soap-routes.ts'

/** Deployments by REST. */
export const metadataRestRoutes: readonly Route[] = [
  { method: 'POST', path: `${data}/metadata/deployRequest`, handle: submit },
  { method: 'GET', path: `${data}/metadata/deployRequest/:id`, handle: status },
  { method: 'PATCH', path: `${data}/metadata/deployRequest/:id`, handle: cancel },
]

function submit(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const userId = request.session?.userId ?? org.userId
  const boundary = /boundary="?([^";]+)/.exec(request.headers['content-type'] ?? '')?.[1]
  const begun = boundary ? fromForm(org, request, boundary, userId) : fromValidation(org, request, userId)
  return json(described(begun), 201)
}

function fromForm(org: EmulatedOrg, { body }: EmulatedRequest, boundary: string, userId: string): Deployment {
  const parts = partsOf(body, boundary)
  const file = parts.find(({ name }) => name === 'file')
  const entity = parts.find(({ name }) => name === 'entity_content' || name === 'json')
  if (!file || !entity) {
    throw new ApiError(400, 'INVALID_MULTIPART_REQUEST', 'Multipart message needs the parts entity_content and file')
  }
  const { deployOptions } = JSON.parse(entity.content.toString()) as { deployOptions: Partial<DeployOptions> }
  return org.deployments.submit(file.content, optionsOf(deployOptions), userId)
}

function fromValidation(org: EmulatedOrg, request: EmulatedRequest, userId: string): Deployment {
  const { validatedDeployRequestId } = jsonOf<{ validatedDeployRequestId?: string }>(request)
  if (!validatedDeployRequestId) {
    throw new ApiError(400, 'REQUIRED_FIELD_MISSING', 'validatedDeployRequestId is required', [
      'validatedDeployRequestId',
    ])
  }
  return org.deployments.quick(validatedDeployRequestId, userId)
}

function described({ id, options, validationId }: Deployment): object {
  return { id, validatedDeployRequestId: validationId, deployResult: null, deployOptions: options }
}

function status(org: EmulatedOrg, { params, query }: EmulatedRequest): Answer {
  const id = params.id ?? ''
  const deployResultOf = deployResult(org, id, query.get('includeDetails') === 'true')
  return json({ ...described(org.deployments.find(id)), deployResult: deployResultOf })
}

function cancel(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const id = request.params.id ?? ''
  const wanted = jsonOf<{ deployResult?: { status?: string } }>(request).deployResult?.status
  if (wanted !== 'Canceling') throw new ApiError(400, 'INVALID_STATUS', `Cannot change the status to ${wanted}`)
  const done = org.deployments.cancel(id, request.session?.userId ?? org.userId)
  const deployment = org.deployments.find(id)
  return json({ ...described(deployment), deployResult: { id, done, status: done ? 'Canceled' : 'Canceling' } }, 202)
}
