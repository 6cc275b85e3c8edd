/** Which fields of an object are backed up, and by which of them its changes are found. */

/** What describe says of one field, as far as backups and restores ask. */
export interface Field {
  readonly name: string
  readonly type: string
  readonly createable?: boolean
  readonly updateable?: boolean
  readonly nillable?: boolean
  readonly defaultedOnCreate?: boolean
  readonly calculated?: boolean
  readonly autoNumber?: boolean
  readonly externalId?: boolean
  readonly cascadeDelete?: boolean
  /** A number in detail objects of a master-detail relation. */
  readonly relationshipOrder?: number | null
  readonly referenceTo?: readonly string[]
  readonly compoundFieldName?: string | null
}

/** The describe of one object: the schema that a restore needs is kept with its rows. */
export interface Described {
  readonly name: string
  readonly createable?: boolean
  readonly updateable?: boolean
  readonly replicateable?: boolean
  readonly fields: readonly Field[]
}

/** Made of other fields, or bytes that are fetched as files. */
const unexported = new Set(['address', 'location', 'base64', 'complexvalue'])

/** The columns of a backup: the id first, the rest as described. */
export function columnsOf({ fields }: Described): string[] {
  const names = fields.filter(({ type }) => !unexported.has(type)).map(({ name }) => name)
  return names.includes('Id') ? ['Id', ...names.filter((name) => name !== 'Id')] : names
}

/** The field by which changed rows are found; none: such an object is always backed up whole. */
export function stampOf({ fields }: Described): string | undefined {
  const names = new Set(fields.map(({ name }) => name))
  return ['SystemModstamp', 'LastModifiedDate'].find((name) => names.has(name))
}
