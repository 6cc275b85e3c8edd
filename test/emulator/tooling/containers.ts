import { compileProblem } from '../metadata/apex.ts'
import { mainPathOf } from '../metadata/components.ts'
import type { EmulatedOrg } from '../org.ts'
import type { Row } from '../rows/store.ts'
import { advanceOnRead, complex, type Values } from './steps.ts'

const kinds = { ApexClassMember: 'ApexClass', ApexTriggerMember: 'ApexTrigger' } as const
type Member = keyof typeof kinds

/** Quick compilation: what a container holds is compiled, and stored unless only to be checked. */
export function compileContainers(org: EmulatedOrg): void {
  for (const member of Object.keys(kinds) as Member[]) {
    org.rows.hook(member, {
      check: (row, operation) =>
        operation === 'insert' && !org.rows.get(kinds[member], String(row.ContentEntityId))
          ? {
              statusCode: 'INVALID_CROSS_REFERENCE_KEY',
              message: 'invalid cross reference id',
              fields: ['ContentEntityId'],
            }
          : null,
    })
  }
  org.rows.hook('ContainerAsyncRequest', {
    check: ({ MetadataContainerId }, operation) =>
      operation === 'insert' && isCompiling(org, MetadataContainerId)
        ? { statusCode: 'ALREADY_IN_PROCESS', message: 'The container is being deployed already', fields: [] }
        : null,
  })
  advanceOnRead(org.rows, 'ContainerAsyncRequest', (row, looks) => {
    if (row.State !== 'Queued') return null
    return looks < org.pace.waiting ? {} : compiled(org, row)
  })
}

function isCompiling({ rows }: EmulatedOrg, container: unknown): boolean {
  return rows
    .all('ContainerAsyncRequest')
    .some((row) => row.MetadataContainerId === container && row.State === 'Queued')
}

function compiled(org: EmulatedOrg, request: Row): Values {
  const members = (Object.keys(kinds) as Member[]).flatMap((member) =>
    org.rows
      .all(member)
      .filter(({ MetadataContainerId }) => MetadataContainerId === request.MetadataContainerId)
      .map((row) => messageOf(org, kinds[member], row)),
  )
  const failures = members.filter(({ message }) => !message.success)
  const details = {
    componentFailures: failures.map(({ message }) => message),
    componentSuccesses: members.filter(({ message }) => message.success).map(({ message }) => message),
    runTestResult: null,
  }
  if (failures.length > 0) return { State: 'Failed', DeployDetails: complex(details) }
  if (request.IsCheckOnly !== true) for (const { store } of members) store()
  return { State: 'Completed', DeployDetails: complex(details) }
}

function messageOf(org: EmulatedOrg, type: string, member: Row) {
  const fullName = String(org.rows.get(type, String(member.ContentEntityId))?.Name)
  const body = String(member.Body)
  const flaw = org.deployRules.problemOf(fullName, [body]) ?? compileProblem(body)
  const message = {
    changed: true,
    columnNumber: flaw?.columnNumber ?? null,
    componentType: type,
    created: false,
    deleted: false,
    fileName: `${type === 'ApexClass' ? 'classes' : 'triggers'}/${fullName}.${type === 'ApexClass' ? 'cls' : 'trigger'}`,
    fullName,
    lineNumber: flaw?.lineNumber ?? null,
    problem: flaw?.problem ?? null,
    problemType: flaw ? (flaw.problemType ?? 'Error') : null,
    success: flaw === null,
  }
  return { message, store: () => storeBody(org, type, fullName, body) }
}

function storeBody(org: EmulatedOrg, type: string, fullName: string, body: string): void {
  const stored = org.metadata.get(type, fullName)
  if (!stored) return
  const files = new Map([...stored.files, [mainPathOf(stored), Buffer.from(body)]])
  org.metadata.put({ type, fullName, files })
}
