import { SalesforceError } from './errors.ts'
import type { Org, OrgRequest, QueryOptions } from './org.ts'

export type Row = Readonly<Record<string, unknown>>

export function withoutAttributes({ attributes: _attributes, ...row }: Row): Row {
  return row
}

/** Single rows of an org, or of its Tooling API. */
export class Objects {
  readonly #org: Org
  readonly #root: string

  constructor(org: Org, root: string) {
    this.#org = org
    this.#root = root
  }

  query<T = Row>(soql: string, options: QueryOptions = {}): Promise<T[]> {
    return this.#org.query<T>(soql, { ...options, tooling: this.#root.startsWith('/tooling') })
  }

  /** The new id. Not made again when nobody knows whether it was done. */
  async create(object: string, fields: Row, options: OrgRequest = {}): Promise<string> {
    const { step = this.#org.step } = options
    const { id } = await this.#org.request<{ id?: unknown }>(`${this.#root}/${object}`, {
      method: 'POST',
      json: fields,
      ...options,
    })
    if (typeof id !== 'string') throw this.#org.transport.strange('no id', { step })
    return id
  }

  async read<T = Row>(object: string, id: string, options: OrgRequest = {}): Promise<T> {
    return withoutAttributes(await this.#org.request<Row>(`${this.#root}/${object}/${id}`, options)) as T
  }

  /** Made again like a GET: setting the same fields twice does no harm. */
  async update(object: string, id: string, fields: Row, options: OrgRequest = {}): Promise<void> {
    const path = `${this.#root}/${object}/${id}`
    await this.#org.request(path, { method: 'PATCH', json: fields, repeatable: true, ...options })
  }

  /** One that is gone already is no error. */
  async remove(object: string, id: string, options: OrgRequest = {}): Promise<void> {
    try {
      await this.#org.request(`${this.#root}/${object}/${id}`, { method: 'DELETE', ...options })
    } catch (error) {
      const isGone =
        error instanceof SalesforceError && (error.status === 404 || error.salesforceCode === 'ENTITY_IS_DELETED')
      if (!isGone) throw error
    }
  }
}
