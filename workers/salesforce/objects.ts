import { FatalError } from '../errors/steering.ts'
import { SalesforceError } from './errors.ts'
import type { Org, OrgRequest } from './org.ts'

export type Row = Readonly<Record<string, unknown>>

export function withoutAttributes({ attributes: _attributes, ...row }: Row): Row {
  return row
}

export interface Page<Row> {
  readonly rows: Row[]
  /** Of all pages. */
  readonly total: number
}

export interface QueryOptions {
  /** Deleted and archived rows, too. */
  readonly all?: boolean
  readonly step?: string
}

const maxRowsInMemory = 50_000

/** The rows of an org, or of its Tooling API: those that SOQL tells, and single ones by their ids. */
export class Objects {
  readonly #org: Org
  /** The path of its API, behind the version's. */
  readonly #api: string

  constructor(org: Org, api: '' | '/tooling') {
    this.#org = org
    this.#api = api
  }

  /** All rows. Rejects when they are more than 50,000: then pages() or a bulk query is the way. */
  async query<T = Row>(soql: string, options: QueryOptions = {}): Promise<T[]> {
    const rows: T[] = []
    for await (const page of this.pages<T>(soql, options)) {
      for (const row of page.rows) rows.push(row)
      const count = Math.max(page.total, rows.length)
      if (count > maxRowsInMemory)
        throw new FatalError(
          `org ${this.#org.alias}: ${count} rows are too many at once, use pages or bulk.query: ${soql}`,
        )
    }
    return rows
  }

  /** Rows without their `attributes`, page by page. */
  async *pages<T = Row>(soql: string, { all, step = this.#org.step }: QueryOptions = {}): AsyncGenerator<Page<T>> {
    const name = `${this.#api}/${all ? 'queryAll' : 'query'}`
    for (let path: string | undefined = `${name}/?q=${encodeURIComponent(soql)}`; path !== undefined; ) {
      const page: QueryAnswer = await this.#rowsOf(path, step)
      yield { rows: page.records.map(withoutAttributes) as T[], total: page.totalSize }
      if (!page.done && page.nextRecordsUrl === path)
        throw new FatalError(`org ${this.#org.alias}, while ${step}: the next page of rows is the same again (${path})`)
      path = page.done ? undefined : page.nextRecordsUrl
    }
  }

  /** Of `SELECT count() FROM …`. */
  async count(soql: string, { step = this.#org.step }: QueryOptions = {}): Promise<number> {
    const path = `${this.#api}/query/?q=${encodeURIComponent(soql)}`
    return (await this.#rowsOf(path, step)).totalSize
  }

  /** What is no page of rows would be taken for fewer of them. */
  async #rowsOf(path: string, step: string): Promise<QueryAnswer> {
    const page = (await this.#org.request<Partial<QueryAnswer> | undefined>(path, { step })) ?? {}
    const { records, totalSize, done, nextRecordsUrl } = page
    const isWhole = done === true || typeof nextRecordsUrl === 'string'
    if (Array.isArray(records) && Number.isInteger(totalSize) && isWhole) return page as QueryAnswer
    throw this.#org.transport.strange('no page of rows', { step })
  }

  /** The new id. Not made again when nobody knows whether it was done. */
  async create(object: string, fields: Row, options: OrgRequest = {}): Promise<string> {
    const { step = this.#org.step } = options
    const { id } = await this.#org.request<{ id?: unknown }>(`${this.#api}/sobjects/${object}`, {
      method: 'POST',
      json: fields,
      ...options,
    })
    if (typeof id !== 'string') throw this.#org.transport.strange('no id', { step })
    return id
  }

  async read<T = Row>(object: string, id: string, options: OrgRequest = {}): Promise<T> {
    return withoutAttributes(await this.#org.request<Row>(`${this.#api}/sobjects/${object}/${id}`, options)) as T
  }

  /** Made again like a GET: setting the same fields twice does no harm. */
  async update(object: string, id: string, fields: Row, options: OrgRequest = {}): Promise<void> {
    const path = `${this.#api}/sobjects/${object}/${id}`
    await this.#org.request(path, { method: 'PATCH', json: fields, repeatable: true, ...options })
  }

  /** One that is gone already is no error. */
  async remove(object: string, id: string, options: OrgRequest = {}): Promise<void> {
    try {
      await this.#org.request(`${this.#api}/sobjects/${object}/${id}`, { method: 'DELETE', ...options })
    } catch (error) {
      const isGone =
        error instanceof SalesforceError && (error.status === 404 || error.salesforceCode === 'ENTITY_IS_DELETED')
      if (!isGone) throw error
    }
  }
}

interface QueryAnswer {
  readonly totalSize: number
  readonly done: boolean
  readonly records: readonly Row[]
  readonly nextRecordsUrl?: string
}
