import { textOf } from '../metadata/archive.ts'
import { type Child, type ComponentFiles, childrenOf, mainPathOf } from '../metadata/components.ts'
import type { MetadataChange, StoredComponent } from '../metadata/store.ts'
import { parseXml, recordIn, textIn } from '../metadata/xml.ts'
import type { EmulatedOrg } from '../org.ts'
import type { Values } from './steps.ts'

/** Types of metadata that are also rows: their source is a field. */
const sources = ['ApexClass', 'ApexTrigger']

/** Shows changes of metadata in the tables: as Apex source, and as members that source tracking knows. */
export function mirror(org: EmulatedOrg): (change: MetadataChange) => void {
  let revision = 0
  return (change) => {
    if (sources.includes(change.type)) mirrorSource(org, change)
    if (change.type === 'Flow') mirrorFlow(org, change)
    if (!org.tracksSource) return
    for (const one of trackedIn(change)) {
      revision += 1
      track(org, one, revision)
    }
  }
}

function mirrorSource({ rows }: EmulatedOrg, { kind, type, component }: MetadataChange): void {
  if (kind === 'deleted') rows.purge(type, component.id)
  else if (rows.get(type, component.id)) rows.update(type, component.id, sourceOf(component))
  else rows.insert(type, { Id: component.id, ...sourceOf(component) })
}

function sourceOf(component: StoredComponent): Values {
  const body = textOf(component.files.get(mainPathOf(component)) ?? new Uint8Array())
  const meta = [...component.files].find(([path]) => path.endsWith('-meta.xml'))?.[1] ?? new Uint8Array()
  const version = /<apiVersion>([\d.]+)</.exec(textOf(meta))?.[1]
  return {
    Name: component.fullName,
    Body: body,
    ApiVersion: Number(version ?? 62),
    LengthWithoutComments: body.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '').length,
  }
}

function mirrorFlow({ rows }: EmulatedOrg, { kind, fullName, component }: MetadataChange): void {
  const [known] = rows.lookup('FlowDefinitionView', 'ApiName', fullName)
  if (kind === 'deleted') {
    if (known) rows.purge('FlowDefinitionView', known.Id)
    return
  }
  const xml = textOf(component.files.get(mainPathOf(component)) ?? new Uint8Array())
  const flow = recordIn(parseXml(xml), 'Flow')
  const isActive = textIn(flow, 'status') === 'Active'
  const values = {
    ApiName: fullName,
    Label: textIn(flow, 'label') ?? null,
    ProcessType: textIn(flow, 'processType') ?? null,
    IsActive: isActive,
    ActiveVersionId: isActive ? component.id : null,
    LatestVersionId: component.id,
    VersionNumber: Number(known?.VersionNumber ?? 0) + 1,
  }
  if (known) rows.update('FlowDefinitionView', known.Id, values)
  else rows.insert('FlowDefinitionView', values)
}

interface Tracked {
  readonly kind: MetadataChange['kind']
  readonly type: string
  readonly fullName: string
  readonly id: string
}

/** The component, and those of its children that have come, changed or gone. */
function trackedIn({ kind, type, fullName, component, before }: MetadataChange): Tracked[] {
  const own = { kind, type, fullName, id: component.id }
  const old = before ? byName(before) : new Map<string, Child>()
  const now = kind === 'deleted' ? new Map<string, Child>() : byName(component)
  const come = [...now.values()].filter((child) => old.get(nameOf(child))?.text !== child.text)
  const gone = [...old.values()].filter((child) => !now.has(nameOf(child)))
  return [
    own,
    ...come.map((child) => trackedChild(child, old.has(nameOf(child)) ? 'changed' : 'created')),
    ...gone.map((child) => trackedChild(child, 'deleted')),
  ]
}

function trackedChild(child: Child, kind: MetadataChange['kind']): Tracked {
  return { kind, type: child.type, fullName: child.fullName, id: child.fullName }
}

function byName(component: ComponentFiles): Map<string, Child> {
  return new Map(childrenOf(component).map((child) => [nameOf(child), child]))
}

function nameOf({ type, fullName }: Child): string {
  return `${type}:${fullName}`
}

function track({ rows, userId }: EmulatedOrg, { kind, type, fullName, id }: Tracked, revision: number): void {
  const known = rows.lookup('SourceMember', 'MemberName', fullName).find((row) => row.MemberType === type)
  const values = {
    MemberIdOrName: id,
    MemberType: type,
    MemberName: fullName,
    IsNameObsolete: kind === 'deleted',
    IsNewMember: kind === 'created',
    RevisionCounter: revision,
    RevisionNum: Number(known?.RevisionNum ?? 0) + 1,
    ChangedBy: String(rows.get('User', userId)?.Name ?? ''),
  }
  if (known) rows.update('SourceMember', known.Id, values)
  else rows.insert('SourceMember', values)
}
