import { ApiError } from '../answer.ts'
import { salesforceTime } from '../time.ts'
import { defineObject, type FieldDraft, type ObjectDefinition, type ObjectOptions } from './define.ts'
import { makeId, to18 } from './ids.ts'

export type Value = string | number | boolean | null | Buffer

/** A row never changes: an update puts another in its place, so that who holds one sees what it held. */
export interface Row {
  readonly Id: string
  readonly [field: string]: Value
}

/** Rows by position; those of generated objects are made when they are looked at. */
export interface RowSet {
  readonly length: number
  at(index: number): Row
}

/** Why one row was refused, in Salesforce's words. */
export interface RowError {
  readonly statusCode: string
  readonly message: string
  readonly fields: readonly string[]
}

export type Operation = 'insert' | 'update' | 'delete'

/** What an object does of its own accord, as triggers and state machines do. */
export interface Hooks {
  /** May write further rows. */
  readonly inserted?: (row: Row) => void
  readonly updated?: (row: Row, before: Row) => void
  /** Asked whenever a client reads the row by API, before it is shown; returns the row as it is now. */
  readonly read?: (row: Row) => Row
  /** A validation rule; null lets the row in. */
  readonly check?: (row: Readonly<Record<string, Value>>, operation: Operation) => RowError | null
}

interface Table {
  readonly definition: ObjectDefinition
  readonly rows: Map<string, Row>
  readonly hooks: Hooks[]
  generated: RowSet | null
  sequence: number
}

/** The rows of one org. Its own methods trust the caller; what clients write is checked in `checked.ts`. */
export class RowStore {
  readonly #tables = new Map<string, Table>()
  readonly #org: number
  readonly #userId: () => string
  readonly #now: () => number

  constructor(org: number, userId: () => string, now: () => number) {
    this.#org = org
    this.#userId = userId
    this.#now = now
  }

  define(name: string, fields: Readonly<Record<string, FieldDraft>>, options: ObjectOptions = {}): void {
    const detail = Object.values(fields).some((draft) => typeof draft === 'object' && draft.cascade === true)
    const isCustom = name.endsWith('__c')
    const named: Record<string, FieldDraft> =
      isCustom && !('Name' in fields) ? { Name: { type: 'string', length: 80 } } : {}
    const keyPrefix = options.keyPrefix ?? `a${String(this.#tables.size).padStart(2, '0')}`
    const definition = defineObject(
      name,
      { ...named, ...fields },
      { owned: isCustom && !detail, ...options, keyPrefix },
    )
    this.#tables.set(name.toLowerCase(), { definition, rows: new Map(), hooks: [], generated: null, sequence: 0 })
  }

  names(): string[] {
    return [...this.#tables.values()].map(({ definition }) => definition.name)
  }

  /** Names are compared as Salesforce does, without regard to case. Undefined for an unknown object. */
  definition(object: string): ObjectDefinition | undefined {
    return this.#tables.get(object.toLowerCase())?.definition
  }

  definitions(): ObjectDefinition[] {
    return [...this.#tables.values()].map(({ definition }) => definition)
  }

  /** Which object an id belongs to. */
  objectOf(id: string): ObjectDefinition | undefined {
    return this.definitions().find(({ keyPrefix }) => keyPrefix === id.slice(0, 3))
  }

  hook(object: string, hooks: Hooks): void {
    this.#table(object).hooks.push(hooks)
  }

  hooks(object: string): readonly Hooks[] {
    return this.#table(object).hooks
  }

  /** Fills in what Salesforce fills in, unless `values` say otherwise; returns the id. */
  insert(object: string, values: Readonly<Record<string, Value>>, by: string = this.#userId()): string {
    const table = this.#table(object)
    const now = salesforceTime(this.#now())
    const { definition } = table
    const id = typeof values.Id === 'string' ? to18(values.Id) : this.#nextId(table)
    const row: Record<string, Value> & { Id: string } = { Id: id }
    for (const field of definition.fields.values()) {
      if (field.type !== 'id') row[field.name] = field.autoNumber ? autoNumber(table.sequence) : field.defaultValue
    }
    if (definition.owned) row.OwnerId = by
    Object.assign(row, { CreatedDate: now, CreatedById: by, LastModifiedDate: now, LastModifiedById: by })
    Object.assign(row, { SystemModstamp: now, IsDeleted: false }, values, { Id: id })
    table.rows.set(id, row)
    for (const { inserted } of table.hooks) inserted?.(row)
    return id
  }

  update(object: string, id: string, values: Readonly<Record<string, Value>>, by: string = this.#userId()): void {
    const table = this.#table(object)
    const before = this.#existing(table, id)
    const now = salesforceTime(this.#now())
    const stamps = { LastModifiedDate: now, LastModifiedById: by, SystemModstamp: now }
    const row: Row = { ...before, ...stamps, ...values, Id: before.Id }
    table.rows.set(row.Id, row)
    for (const { updated } of table.hooks) updated?.(row, before)
  }

  /** Into the recycle bin, with the rows that have it as master. */
  remove(object: string, id: string): void {
    const table = this.#table(object)
    const { Id } = this.#existing(table, id)
    this.#mark(table, Id, true)
    for (const { table: details, row } of this.#detailsOf(table.definition.name, Id)) {
      if (row.IsDeleted !== true) this.remove(details.definition.name, row.Id)
    }
  }

  /** Out of the recycle bin, with its details. */
  undelete(object: string, id: string): void {
    const table = this.#table(object)
    const { Id } = this.#existing(table, id)
    this.#mark(table, Id, false)
    for (const { table: details, row } of this.#detailsOf(table.definition.name, Id)) {
      if (row.IsDeleted === true) this.undelete(details.definition.name, row.Id)
    }
  }

  /** As if the recycle bin had been emptied: nothing shows that the row was ever there. */
  purge(object: string, id: string): void {
    this.#table(object).rows.delete(to18(id))
  }

  /** Also of those in the recycle bin. */
  get(object: string, id: string): Row | undefined {
    return this.#table(object).rows.get(to18(id))
  }

  /** Rows that are not in the recycle bin. */
  all(object: string): Row[] {
    return this.withDeleted(object).filter(({ IsDeleted }) => IsDeleted !== true)
  }

  withDeleted(object: string): Row[] {
    return [...this.#table(object).rows.values()]
  }

  /** Makes an object's rows on the fly, for amounts that nobody wants in memory; writes to it do not show. */
  generate(object: string, count: number, make: (index: number) => Readonly<Record<string, Value>>): void {
    const table = this.#table(object)
    const stamp = salesforceTime(this.#now())
    const by = this.#userId()
    const constant = { IsDeleted: false, CreatedDate: stamp, CreatedById: by, LastModifiedDate: stamp }
    const stamps = { ...constant, LastModifiedById: by, SystemModstamp: stamp }
    const at = (index: number): Row => ({
      Id: makeId(table.definition.keyPrefix, this.#org, index + 1),
      ...stamps,
      ...make(index),
    })
    table.generated = { length: count, at }
  }

  /** What a query looks at: everything, the recycle bin too. It does not change when the store does. */
  set(object: string): RowSet {
    const table = this.#table(object)
    return table.generated ?? rowSet([...table.rows.values()])
  }

  count(object: string): number {
    return this.#table(object).generated?.length ?? this.all(object).length
  }

  nextId(object: string): string {
    return this.#nextId(this.#table(object))
  }

  #table(object: string): Table {
    const table = this.#tables.get(object.toLowerCase())
    if (!table) throw new ApiError(404, 'NOT_FOUND', `The requested resource does not exist: ${object}`)
    return table
  }

  #existing(table: Table, id: string): Row {
    const row = table.rows.get(to18(id))
    if (!row)
      throw new ApiError(404, 'NOT_FOUND', `Provided external ID field does not exist or is not accessible: ${id}`)
    return row
  }

  #nextId(table: Table): string {
    table.sequence += 1
    return makeId(table.definition.keyPrefix, this.#org, table.sequence)
  }

  #mark(table: Table, id: string, isDeleted: boolean): void {
    const stamp = salesforceTime(this.#now())
    const row = this.#existing(table, id)
    table.rows.set(id, { ...row, IsDeleted: isDeleted, LastModifiedDate: stamp, SystemModstamp: stamp })
  }

  #detailsOf(master: string, id: string): { readonly table: Table; readonly row: Row }[] {
    return [...this.#tables.values()].flatMap((table) => {
      const links = [...table.definition.fields.values()].filter(
        ({ cascade, referenceTo }) => cascade && referenceTo.includes(master),
      )
      if (links.length === 0) return []
      const rows = [...table.rows.values()].filter((row) => links.some(({ name }) => row[name] === id))
      return rows.map((row) => ({ table, row }))
    })
  }
}

export function rowSet(rows: readonly Row[]): RowSet {
  return { length: rows.length, at: (index) => rows[index] as Row }
}

function autoNumber(sequence: number): string {
  return String(sequence).padStart(8, '0')
}
