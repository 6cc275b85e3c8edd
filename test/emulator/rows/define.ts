/** What objects and fields are. Describes, checks and SOQL all derive from these definitions. */

export type FieldType =
  | 'id'
  | 'string'
  | 'textarea'
  | 'boolean'
  | 'int'
  | 'double'
  | 'currency'
  | 'percent'
  | 'date'
  | 'datetime'
  | 'email'
  | 'phone'
  | 'url'
  | 'picklist'
  | 'multipicklist'
  | 'reference'
  | 'base64'
  | 'address'
  | 'location'
  /** An object, stored as its JSON. */
  | 'complexvalue'

export interface Field {
  readonly name: string
  readonly type: FieldType
  readonly label: string
  readonly required: boolean
  readonly unique: boolean
  readonly externalId: boolean
  readonly createable: boolean
  readonly updateable: boolean
  /** Worked out by Salesforce: formulas and roll-ups. */
  readonly calculated: boolean
  readonly autoNumber: boolean
  /** Characters; 0 for everything that is not text. */
  readonly length: number
  readonly referenceTo: readonly string[]
  readonly relationshipName: string | null
  /** Master-detail: the row goes when the row that it refers to goes. */
  readonly cascade: boolean
  readonly picklistValues: readonly string[]
  readonly defaultValue: string | number | boolean | null
}

/** A field as tests write it: its type alone, or what differs from a plain field of its type. */
export type FieldDraft = FieldType | (Partial<Omit<Field, 'name'>> & Pick<Field, 'type'>)

export interface ObjectOptions {
  readonly keyPrefix?: string
  readonly label?: string
  /** Which API knows it. */
  readonly api?: 'data' | 'tooling' | 'both'
  /** Has an OwnerId; rows of objects with a master have none. */
  readonly owned?: boolean
  readonly createable?: boolean
  readonly updateable?: boolean
  readonly deletable?: boolean
  readonly queryable?: boolean
  /** A query must say which rows it wants by one of these fields, as with ContentDocumentLink. */
  readonly filterBy?: readonly string[]
}

export interface ObjectDefinition extends Required<ObjectOptions> {
  readonly name: string
  /** By name, as it is spelled. */
  readonly fields: ReadonlyMap<string, Field>
  readonly spelling: ReadonlyMap<string, string>
}

const system: Readonly<Record<string, FieldDraft>> = {
  Id: { type: 'id', createable: false, updateable: false },
  IsDeleted: { type: 'boolean', createable: false, updateable: false },
  CreatedDate: { type: 'datetime', createable: false, updateable: false },
  CreatedById: { type: 'reference', referenceTo: ['User'], createable: false, updateable: false },
  LastModifiedDate: { type: 'datetime', createable: false, updateable: false },
  LastModifiedById: { type: 'reference', referenceTo: ['User'], createable: false, updateable: false },
  SystemModstamp: { type: 'datetime', createable: false, updateable: false },
}

const textLengths: Partial<Record<FieldType, number>> = {
  id: 18,
  reference: 18,
  string: 255,
  textarea: 32_000,
  email: 80,
  phone: 40,
  url: 255,
  picklist: 255,
  multipicklist: 4_099,
}

/** `keyPrefix` stands in for objects that name none. */
export function defineObject(
  name: string,
  drafts: Readonly<Record<string, FieldDraft>>,
  options: ObjectOptions & { readonly keyPrefix: string },
): ObjectDefinition {
  const owned = options.owned ?? false
  const owners = name.endsWith('__c') ? ['Group', 'User'] : ['User']
  const owner: Record<string, FieldDraft> = owned ? { OwnerId: { type: 'reference', referenceTo: owners } } : {}
  const fields = Object.entries({ ...system, ...owner, ...drafts }).map(([field, draft]) => toField(field, draft))
  return {
    name,
    label: options.label ?? labelOf(name),
    keyPrefix: options.keyPrefix,
    api: options.api ?? 'data',
    owned,
    createable: options.createable ?? true,
    updateable: options.updateable ?? true,
    deletable: options.deletable ?? true,
    queryable: options.queryable ?? true,
    filterBy: options.filterBy ?? [],
    fields: new Map(fields.map((field) => [field.name, field])),
    spelling: new Map(fields.map(({ name: spelled }) => [spelled.toLowerCase(), spelled])),
  }
}

/** Names of fields are compared without regard to case. */
export function fieldOf({ fields, spelling }: ObjectDefinition, name: string): Field | undefined {
  return fields.get(name) ?? fields.get(spelling.get(name.toLowerCase()) ?? '')
}

function toField(name: string, draft: FieldDraft): Field {
  const given: Partial<Field> & Pick<Field, 'type'> = typeof draft === 'string' ? { type: draft } : draft
  const computed = given.calculated === true || given.autoNumber === true
  return {
    label: labelOf(name),
    required: false,
    unique: false,
    externalId: false,
    createable: !computed,
    updateable: !computed,
    calculated: false,
    autoNumber: false,
    length: textLengths[given.type] ?? 0,
    referenceTo: [],
    relationshipName: given.type === 'reference' ? relationshipOf(name) : null,
    cascade: false,
    picklistValues: [],
    defaultValue: given.type === 'boolean' ? false : null,
    ...given,
    name,
  }
}

/** `AccountId` is followed as `Account`, `Invoice__c` as `Invoice__r`. */
function relationshipOf(name: string): string | null {
  if (name.endsWith('__c')) return name.replace(/__c$/, '__r')
  return name.endsWith('Id') ? name.slice(0, -2) : null
}

function labelOf(name: string): string {
  return name
    .replace(/__c$/, '')
    .replaceAll('_', ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
}
