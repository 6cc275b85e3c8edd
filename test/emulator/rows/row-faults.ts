import { ApiError } from '../answer.ts'

interface RowFault {
  readonly statusCode: string
  readonly message: string
  left: number
}

/** Refuses the next rows that clients write, whatever they hold: locks, for example. */
export class RowFaults {
  #waiting: RowFault[] = []

  add(statusCode: string, message: string, rows: number): void {
    this.#waiting.push({ statusCode, message, left: rows })
  }

  /** Called once a row. */
  next(): void {
    const fault = this.#waiting.find(({ left }) => left > 0)
    if (!fault) return
    fault.left -= 1
    throw new ApiError(400, fault.statusCode, fault.message)
  }
}
