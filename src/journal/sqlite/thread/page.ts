import type { SqlValue } from '../columns.ts'

export interface PageLimits {
  readonly rows: number
  readonly bytes: number
}

export interface Page<R> {
  readonly rows: readonly R[]
  /** It left some of the rows. */
  readonly more: boolean
}

/** Takes rows while there is room for them, and the first one whatever its size: who reads on must get on. */
export function takePage<R>(rows: Iterable<R>, limits: PageLimits, bytesOf: (row: R) => number): Page<R> {
  const taken: R[] = []
  let bytes = 0
  for (const row of rows) {
    bytes += bytesOf(row)
    const isFull = taken.length === limits.rows || (taken.length > 0 && bytes > limits.bytes)
    if (isFull) return { rows: taken, more: true }
    taken.push(row)
  }
  return { rows: taken, more: false }
}

export function textBytes(values: readonly (SqlValue | undefined)[]): number {
  return values.reduce<number>((sum, value) => sum + (typeof value === 'string' ? Buffer.byteLength(value) : 0), 0)
}
