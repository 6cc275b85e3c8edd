import type { Answer } from '../answer.ts'
import { ApiError } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import type { EmulatedRequest } from '../request.ts'
import type { Route } from '../route.ts'
import { elements, soapAnswer } from '../soap.ts'
import { toDeployResult } from './deploy-result.ts'
import { manifestOf } from './manifest.ts'
import { optionsOfXml } from './options.ts'
import { readMetadata } from './read.ts'
import type { Retrieval } from './retrievals.ts'
import type { StoredComponent } from './store.ts'
import { describeTypes, parentOf, typeNamed } from './types.ts'
import { argumentsOf, recordIn, recordsIn, textIn, textsIn, type XmlRecord } from './xml.ts'

type Call = (org: EmulatedOrg, args: XmlRecord, request: EmulatedRequest) => readonly object[] | string

const calls: Readonly<Record<string, Call>> = {
  deploy,
  checkDeployStatus: (org, args) => [deployResult(org, idIn(args), textIn(args, 'includeDetails') === 'true')],
  cancelDeploy,
  deployRecentValidation: (org, args, { session }) =>
    org.deployments.quick(textIn(args, 'validationId') ?? '', session?.userId ?? org.userId).id,
  retrieve: (org, args) => {
    const request = recordIn(args, 'request')
    const { id } = org.retrievals.submit(manifestOf(recordIn(request, 'unpackaged')))
    return [{ done: false, id, state: 'Queued' }]
  },
  checkRetrieveStatus: (org, args) => [retrieveResult(org, org.retrievals.poll(idIn(args)))],
  describeMetadata: () => [describeTypes()],
  listMetadata,
  readMetadata: (org, args) => [
    { records: readMetadata(org.metadata, textIn(args, 'type') ?? '', textsIn(args, 'fullNames')) },
  ],
}

const paths = ['/services/Soap/m/:version', '/services/Soap/m/:version/:org']

/** The Metadata API in SOAP. */
export const metadataSoapRoutes: readonly Route[] = Object.entries(calls).flatMap(([call, run]) =>
  paths.map((path) => ({ method: 'POST' as const, path, call, handle: handlerOf(call, run) })),
)

function handlerOf(call: string, run: Call): (org: EmulatedOrg, request: EmulatedRequest) => Answer {
  return (org, request) => {
    const result = run(org, argumentsOf(request.body.toString(), call), request)
    return soapAnswer(call, elements({ result }))
  }
}

function deploy(org: EmulatedOrg, args: XmlRecord, { session }: EmulatedRequest): readonly object[] {
  const zip = Buffer.from(textIn(args, 'ZipFile') ?? '', 'base64')
  const options = optionsOfXml(recordIn(args, 'DeployOptions'))
  const { id } = org.deployments.submit(zip, options, session?.userId ?? org.userId)
  return [{ done: false, id, state: 'Queued' }]
}

function cancelDeploy(org: EmulatedOrg, args: XmlRecord, { session }: EmulatedRequest): readonly object[] {
  // The WSDL calls the argument `String`, jsforce `id`.
  const id = textIn(args, 'String') ?? textIn(args, 'id') ?? ''
  const done = org.deployments.cancel(id, session?.userId ?? org.userId)
  return [{ done, id }]
}

export function deployResult(org: EmulatedOrg, id: string, withDetails: boolean): object {
  return toDeployResult(org.deployments.poll(id), (userId) => nameOf(org, userId), withDetails)
}

function nameOf(org: EmulatedOrg, userId: string): string {
  return String(org.rows.get('User', userId)?.Name ?? 'Another User')
}

function idIn(args: XmlRecord): string {
  return textIn(args, 'asyncProcessId') ?? ''
}

function retrieveResult(org: EmulatedOrg, { id, end, polls }: Retrieval): object {
  if (!end) return { done: false, id, status: polls > 1 ? 'InProgress' : 'Pending', success: false, zipFile: '' }
  const { zip, properties, messages, error } = end
  return {
    done: true,
    errorMessage: error && `${error.code}: ${error.message}`,
    errorStatusCode: error?.code,
    fileProperties: properties.map(({ component, ...named }) => propertiesOf(org, named, component)),
    id,
    messages,
    status: error ? 'Failed' : 'Succeeded',
    success: !error,
    zipFile: zip?.toString('base64') ?? '',
  }
}

function listMetadata(org: EmulatedOrg, args: XmlRecord): readonly object[] {
  const queries = recordsIn(args, 'queries')
  if (queries.length > 3) {
    throw new ApiError(400, 'EXCEEDED_ID_LIMIT', 'record limit reached. cannot submit more than 3 records in this call')
  }
  return queries.flatMap((query) => {
    const type = textIn(query, 'type') ?? ''
    const listed = listable(org, type, textIn(query, 'folder'))
    return listed.map(({ component, ...named }) => propertiesOf(org, { ...named, id: component.id }, component))
  })
}

/** Folders themselves are listed as a type of their own: `ReportFolder`, and `EmailFolder` for email templates. */
function listable(org: EmulatedOrg, type: string, folder: string | undefined) {
  const inFolders = type === 'EmailFolder' ? 'EmailTemplate' : type.replace(/Folder$/, '')
  if (type.endsWith('Folder') && typeNamed(inFolders)?.inFolder) {
    return org.metadata.list(inFolders).filter(({ fullName }) => !fullName.includes('/'))
  }
  const known = typeNamed(type)
  if (!known && !parentOf(type)) throw new ApiError(400, 'INVALID_TYPE', `Unknown type:${type}`)
  const all = org.metadata.list(type)
  return known?.inFolder ? all.filter(({ fullName }) => fullName.startsWith(`${folder}/`)) : all
}

function propertiesOf(org: EmulatedOrg, named: object, { createdAtMs, modifiedAtMs }: StoredComponent): object {
  const name = nameOf(org, org.userId)
  return {
    createdById: org.userId,
    createdByName: name,
    createdDate: new Date(createdAtMs).toISOString(),
    ...named,
    lastModifiedById: org.userId,
    lastModifiedByName: name,
    lastModifiedDate: new Date(modifiedAtMs).toISOString(),
    manageableState: 'unmanaged',
  }
}
