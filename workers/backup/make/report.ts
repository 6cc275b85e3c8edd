/** How far a backup is, for people: by the rows that the org estimates. */
import type { Context } from '../../context.ts'
import { Weights } from '../weights.ts'

const everyMs = 250

export class Report {
  readonly #context: Pick<Context, 'progress'>
  readonly #weights: Weights
  readonly #total: number
  readonly #estimates: ReadonlyMap<string, number>
  #done = 0
  #rows = 0
  #toldAt = 0

  constructor(context: Pick<Context, 'progress'>, estimates: ReadonlyMap<string, number>) {
    this.#context = context
    this.#estimates = estimates
    this.#weights = new Weights(estimates)
    this.#total = estimates.size
  }

  get rows(): number {
    return this.#rows
  }

  /** Rows of an object that is not finished; `message` says what Salesforce says of it. */
  under(object: string, rows: number, message: string): void {
    const estimate = Math.max(this.#estimates.get(object) ?? 0, rows, 1)
    this.#weights.set(object, Math.min(0.99, rows / estimate))
    this.#tell('reading rows', `${object}: ${message}`)
  }

  finished(object: string, rows: number): void {
    this.#done += 1
    this.#rows += rows
    this.#weights.set(object, 1)
    this.#tell('reading rows', `${object}: ${rows} rows`)
  }

  /** Where nobody knows how much it will be, nothing is invented. */
  phase(phase: string, done: number, total: number | null, unit: string, message = ''): void {
    const isLast = done === total
    if (!isLast && Date.now() - this.#toldAt < everyMs) return
    this.#toldAt = Date.now()
    const percent = total === null || total === 0 ? null : Math.floor((100 * done) / total)
    this.#context.progress({
      phase,
      percent,
      done,
      unit,
      ...(total !== null && { total }),
      ...(message && { message }),
    })
  }

  #tell(phase: string, message: string): void {
    if (this.#done < this.#total && Date.now() - this.#toldAt < everyMs) return
    this.#toldAt = Date.now()
    const { percent } = this.#weights
    this.#context.progress({ phase, percent, done: this.#done, total: this.#total, unit: 'objects', message })
  }
}
