import type { Row, Value } from './row.ts'

/** The ids of rows by what they hold in one field; text is compared without regard to case. */
export class FieldIndex {
  readonly #field: string
  readonly #ids = new Map<Value, Set<string>>()

  constructor(field: string, rows: Iterable<Row>) {
    this.#field = field
    for (const row of rows) this.add(row)
  }

  add(row: Row): void {
    const key = keyOf(row[this.#field] ?? null)
    const ids = this.#ids.get(key)
    if (ids) ids.add(row.Id)
    else this.#ids.set(key, new Set([row.Id]))
  }

  remove(row: Row): void {
    this.#ids.get(keyOf(row[this.#field] ?? null))?.delete(row.Id)
  }

  idsOf(value: Value): Iterable<string> {
    return this.#ids.get(keyOf(value)) ?? []
  }
}

function keyOf(value: Value): Value {
  return typeof value === 'string' ? value.toLowerCase() : value
}
