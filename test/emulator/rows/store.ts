import { ApiError } from '../answer.ts'
import { momentOf } from '../soql/dates.ts'
import { salesforceTime } from '../time.ts'
import { defineObject, type FieldDraft, type ObjectDefinition, type ObjectOptions } from './define.ts'
import { FieldIndex } from './field-index.ts'
import { base62, makeId, to18 } from './ids.ts'
import type { Deletion, Hooks, Row, RowSet, Value, Values } from './row.ts'

export type * from './row.ts'

interface Table {
  readonly definition: ObjectDefinition
  /** All fields with what they hold unless they are told otherwise. Copies of it are small: they share its shape. */
  readonly blank: Row
  readonly rows: Map<string, Row>
  readonly hooks: Hooks[]
  /** By field: the ids of the rows with a value. Made when first asked for. */
  readonly indexes: Map<string, FieldIndex>
  generated: RowSet | null
  sequence: number
}

/** The rows of one org. Its own methods trust the caller; what clients write is checked in `checked.ts`. */
export class RowStore {
  readonly #tables = new Map<string, Table>()
  /** What the rows were before, while a write may have to be undone. */
  #undo: (() => void)[] | null = null
  readonly #purged: (Deletion & { readonly object: string })[] = []
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
    const keyPrefix = options.keyPrefix ?? `a${base62(this.#tables.size).padStart(2, '0')}`
    const definition = defineObject(
      name,
      { ...named, ...fields },
      { owned: isCustom && !detail, ...options, keyPrefix },
    )
    this.#tables.set(name.toLowerCase(), {
      definition,
      blank: blankOf(definition),
      rows: new Map(),
      hooks: [],
      indexes: new Map(),
      generated: null,
      sequence: 0,
    })
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
  insert(object: string, values: Values, by: string = this.#userId()): string {
    const table = this.#table(object)
    const now = salesforceTime(this.#now())
    const next = this.#nextId(table)
    const Id = typeof values.Id === 'string' ? to18(values.Id) : next
    const stamps = {
      CreatedDate: now,
      CreatedById: by,
      LastModifiedDate: now,
      LastModifiedById: by,
      SystemModstamp: now,
    }
    const owner = table.definition.owned ? { OwnerId: by } : {}
    const row: Row = { ...table.blank, ...numbersOf(table), ...owner, ...stamps, ...this.#known(table, values), Id }
    const stored = this.#put(table, row)
    for (const { inserted } of table.hooks) inserted?.(stored)
    return Id
  }

  update(object: string, id: string, values: Values, by: string = this.#userId()): void {
    const table = this.#table(object)
    const before = this.#existing(table, id)
    const now = salesforceTime(this.#now())
    const stamps = { LastModifiedDate: now, LastModifiedById: by, SystemModstamp: now }
    const row = this.#put(table, { ...before, ...stamps, ...this.#known(table, values), Id: before.Id })
    for (const { updated } of table.hooks) updated?.(row, before)
  }

  /** Into the recycle bin, with the rows that have it as master. */
  remove(object: string, id: string): void {
    const table = this.#table(object)
    const { Id } = this.#existing(table, id)
    this.#mark(table, Id, true)
    for (const { removed } of table.hooks) removed?.(this.#existing(table, Id))
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

  /** As a hard delete and an emptied recycle bin do: only the list of deletions still knows the row. */
  purge(object: string, id: string): void {
    const table = this.#table(object)
    const row = this.#existing(table, id)
    this.#unindex(table, row)
    table.rows.delete(row.Id)
    this.#purged.push({ object: table.definition.name, ...deletionOf(row, this.#now()) })
    const details = this.#detailsOf(table.definition.name, row.Id)
    for (const { table: theirs, row: detail } of details) this.purge(theirs.definition.name, detail.Id)
  }

  /** Rows that went, into the recycle bin or for good. */
  deletions(object: string): Deletion[] {
    const { definition, rows } = this.#table(object)
    const binned = [...rows.values()].filter(({ IsDeleted }) => IsDeleted === true)
    const purged = this.#purged.filter((one) => one.object === definition.name)
    return [...binned.map((row) => deletionOf(row, this.#now())), ...purged]
  }

  /** Undoes all that `write` stored unless its result is good. */
  atomically<T>(write: () => T, isGood: (result: T) => boolean): T {
    const undo: (() => void)[] = []
    this.#undo = undo
    try {
      const result = write()
      if (!isGood(result)) for (const step of undo.reverse()) step()
      return result
    } finally {
      this.#undo = null
    }
  }

  /** Also of those in the recycle bin. */
  get(object: string, id: string): Row | undefined {
    return this.#table(object).rows.get(to18(id))
  }

  /** Rows with this value, also of those in the recycle bin; text is compared without regard to case. */
  lookup(object: string, field: string, value: Value): Row[] {
    const table = this.#table(object)
    const index = table.indexes.get(field) ?? this.#makeIndex(table, field)
    return [...index.idsOf(value)].flatMap((id) => table.rows.get(id) ?? [])
  }

  /** Rows that are not in the recycle bin. */
  all(object: string): Row[] {
    return this.withDeleted(object).filter(({ IsDeleted }) => IsDeleted !== true)
  }

  withDeleted(object: string): Row[] {
    return [...this.#table(object).rows.values()]
  }

  /** Makes an object's rows on the fly, for amounts that nobody wants in memory; writes to it do not show. */
  generate(object: string, count: number, make: (index: number) => Values): void {
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
    table.generated = { length: count, isGenerated: true, at }
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
    this.#put(table, { ...row, IsDeleted: isDeleted, LastModifiedDate: stamp, SystemModstamp: stamp })
  }

  #detailsOf(master: string, id: string): { readonly table: Table; readonly row: Row }[] {
    return [...this.#tables.values()].flatMap((table) => {
      const links = [...table.definition.fields.values()].filter(
        ({ cascade, referenceTo }) => cascade && referenceTo.includes(master),
      )
      const rows = links.flatMap(({ name }) => this.lookup(table.definition.name, name, id))
      return rows.map((row) => ({ table, row }))
    })
  }

  #known({ definition }: Table, values: Values): Values {
    for (const name in values)
      if (!definition.fields.has(name)) throw new Error(`${definition.name} has no field ${name}.`)
    return values
  }

  #put(table: Table, draft: Row): Row {
    let row = draft
    for (const { derived } of table.hooks) if (derived) row = { ...row, ...derived(row), Id: row.Id }
    const before = table.rows.get(row.Id)
    this.#undo?.push(() => this.#replace(table, table.rows.get(row.Id), before))
    this.#replace(table, before, row)
    return row
  }

  #replace(table: Table, before: Row | undefined, row: Row | undefined): void {
    this.#unindex(table, before)
    if (!row) {
      if (before) table.rows.delete(before.Id)
      return
    }
    table.rows.set(row.Id, row)
    for (const index of table.indexes.values()) index.add(row)
  }

  #unindex(table: Table, row: Row | undefined): void {
    if (!row) return
    for (const index of table.indexes.values()) index.remove(row)
  }

  #makeIndex(table: Table, field: string): FieldIndex {
    const index = new FieldIndex(field, table.rows.values())
    table.indexes.set(field, index)
    return index
  }
}

export function rowSet(rows: readonly Row[]): RowSet {
  return { length: rows.length, at: (index) => rows[index] as Row }
}

function deletionOf({ Id, IsDeleted, SystemModstamp }: Row, nowMs: number): Deletion {
  return { id: Id, atMs: (IsDeleted === true ? momentOf(SystemModstamp) : null) ?? nowMs }
}

function blankOf({ fields }: ObjectDefinition): Row {
  const plain = [...fields.values()].map(({ name, defaultValue }) => [name, defaultValue] as const)
  return { ...Object.fromEntries(plain), Id: '', IsDeleted: false }
}

function numbersOf({ definition, sequence }: Table): Values {
  const numbered = [...definition.fields.values()].filter(({ autoNumber }) => autoNumber)
  return Object.fromEntries(numbered.map(({ name }) => [name, String(sequence).padStart(8, '0')]))
}
