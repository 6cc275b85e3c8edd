/** What becomes of each column of a backup in the org that it is restored to, decided from both schemas. */
import type { Described, Field } from './fields.ts'

export type Column =
  | { readonly name: string; readonly kind: 'value'; readonly type: string }
  /** An id that has another one in the target. */
  | { readonly name: string; readonly kind: 'lookup' | 'user' | 'recordType'; readonly required: boolean }

export interface Mapping {
  readonly columns: readonly Column[]
  readonly dropped: readonly { readonly field: string; readonly why: string }[]
}

export interface MappingRules {
  /** Rows are made, so fields must be createable; else updateable. */
  readonly creates: boolean
  /** Objects whose rows are restored, or are there already: their ids can be mapped. */
  readonly known: ReadonlySet<string>
  /** The backup's own org: an id that was not restored is still the same. */
  readonly isSameOrg: boolean
}

/** Objects whose rows are bytes with names: restored in their own way, after all rows. */
export const fileObjects: readonly string[] = ['ContentVersion', 'ContentDocumentLink', 'Attachment', 'Document']

/** Never restored: they belong to how an org is set up. Rows refer to them by name, or keep the target's own. */
const setUp = new Set(
  `User Group GroupMember UserRole Profile PermissionSet PermissionSetAssignment PermissionSetGroup RecordType
  Organization QueueSobject Period FiscalYearSettings BusinessHours Holiday Domain DomainSite Site Network
  ApexClass ApexTrigger ApexPage ApexComponent StaticResource EmailTemplate Folder Dashboard Report ListView
  ConnectedApplication CronTrigger AsyncApexJob SetupAuditTrail LoginHistory AuthSession UserLogin UserPreference
  ObjectPermissions FieldPermissions SetupEntityAccess PackageLicense UserLicense ContentVersion ContentDocument
  ContentDocumentLink ContentWorkspace ContentBody Attachment Document`.split(/\s+/),
)

/** Whether rows of this object are restored unless they are asked for; files are restored in their own way. */
export function isRestorable(object: string): boolean {
  return !setUp.has(object)
}

export function mapColumns(source: readonly string[], target: Described, rules: MappingRules): Mapping {
  const fields = new Map(target.fields.map((field) => [field.name, field]))
  const columns: Column[] = []
  const dropped: { field: string; why: string }[] = []
  for (const name of source) {
    if (name === 'Id' || name === 'IsDeleted') continue
    const field = fields.get(name)
    const why = whyNot(field, rules)
    if (!field || why) dropped.push({ field: name, why: why ?? notThere })
    else columns.push(columnOf(field))
  }
  return { columns, dropped }
}

const notThere = 'the target has no such field, or its user must not see it'

function whyNot(field: Field | undefined, { creates, known, isSameOrg }: MappingRules): string | undefined {
  if (!field) return notThere
  if (field.calculated) return 'the org computes it'
  if (field.autoNumber) return 'the org numbers it'
  if (creates ? !field.createable : !field.updateable) return `it cannot be ${creates ? 'set' : 'changed'} there`
  if (field.type !== 'reference' || isSameOrg) return
  const to = field.referenceTo ?? []
  if (to.some((object) => object === 'User' || object === 'RecordType' || known.has(object))) return
  return `it refers to ${to.join(', ')}, which is not restored`
}

function columnOf(field: Field): Column {
  if (field.type !== 'reference') return { name: field.name, kind: 'value', type: field.type }
  const to = field.referenceTo ?? []
  const required = isRequired(field)
  if (to.includes('RecordType')) return { name: field.name, kind: 'recordType', required }
  return { name: field.name, kind: to.every((one) => one === 'User' || one === 'Group') ? 'user' : 'lookup', required }
}

/** Whether no row can be made without a value of it. */
export function isRequired({ nillable, defaultedOnCreate, relationshipOrder, createable }: Field): boolean {
  if (createable === false) return false
  return typeof relationshipOrder === 'number' || (nillable === false && !defaultedOnCreate)
}
