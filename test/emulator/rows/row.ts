/** What the store holds, and what it says of it. */

export type Value = string | number | boolean | null | Buffer

/** A row never changes: an update puts another in its place, so that who holds one sees what it held. */
export interface Row {
  readonly Id: string
  readonly [field: string]: Value
}

/** Rows by position; those of generated objects are made when they are looked at. */
export interface RowSet {
  readonly length: number
  readonly isGenerated?: boolean
  at(index: number): Row
}

/** Why one row was refused, in Salesforce's words. */
export interface RowError {
  readonly statusCode: string
  readonly message: string
  readonly fields: readonly string[]
}

export interface Deletion {
  readonly id: string
  readonly atMs: number
}

export type Operation = 'insert' | 'update' | 'delete'

export type Values = Readonly<Record<string, Value>>

/** What an object does of its own accord, as triggers and state machines do. */
export interface Hooks {
  /** Further values of a row that is about to be stored, worked out from those that it has. */
  readonly derived?: (row: Row) => Values
  /** May write further rows. */
  readonly inserted?: (row: Row) => void
  readonly updated?: (row: Row, before: Row) => void
  /** Told of a row that goes into the recycle bin. */
  readonly removed?: (row: Row) => void
  /** Asked whenever a client reads the row by API, before it is shown; returns the row as it is now. */
  readonly read?: (row: Row) => Row
  /** A validation rule; null lets the row in. */
  readonly check?: (row: Values, operation: Operation) => RowError | null
}
