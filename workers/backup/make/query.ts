/** The query for the rows of one object that belong into a backup. */
import { changedWithin, type Window } from '../window.ts'

/** A query is part of a URL of REST, which is cut at 16 KB by some of Salesforce's edges. */
const longestUrlQuery = 8_000

export function queryOf(object: string, columns: readonly string[], stamp: string | undefined, window: Window | null) {
  const where = window && stamp ? ` WHERE ${changedWithin(stamp, window)}` : ''
  return `SELECT ${columns.join(', ')} FROM ${object}${where}`
}

export function fitsUrl(soql: string): boolean {
  return encodeURIComponent(soql).length <= longestUrlQuery
}
