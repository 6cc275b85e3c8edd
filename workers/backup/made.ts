/**
 * Which of the rows that were sent have arrived, when no answer came: told by what is in them, because rows that were
 * made carry no mark of who asked for them.
 */
import type { Value } from './values.ts'

export type Sent = Readonly<Record<string, Value>>

export interface Candidate {
  readonly Id: string
  readonly [field: string]: unknown
}

export interface Made {
  /** Position among the sent → id of the row that came of it. */
  readonly found: ReadonlyMap<number, string>
  /** Something was made that fits none of them: whether it is one of these, nobody can tell. */
  readonly unsure: readonly number[]
}

/** `candidates` are rows that our user has made since, in the order of their ids, less those that are accounted for. */
export function matchMade(sent: readonly Sent[], candidates: readonly Candidate[], fields: readonly string[]): Made {
  const byContent = Map.groupBy(candidates, (one) => contentOf(one, fields))
  const found = new Map<number, string>()
  const used = new Set<string>()
  for (const [at, values] of sent.entries()) {
    // Rows with the same content are as good as each other: nothing refers to them yet.
    const match = byContent.get(contentOf(values, fields))?.shift()
    if (!match) continue
    found.set(at, match.Id)
    used.add(match.Id)
  }
  const open = [...sent.keys()].filter((at) => !found.has(at))
  const rest = candidates.filter(({ Id }) => !used.has(Id))
  if (rest.length === 0) return { found, unsure: [] }
  if (rest.length !== open.length) return { found, unsure: open }
  // The org has changed all of them alike on their way in, and gives ids in the order of the request.
  for (const [nth, at] of open.entries()) found.set(at, rest[nth]?.Id ?? '')
  return { found, unsure: [] }
}

function contentOf(values: Readonly<Record<string, unknown>>, fields: readonly string[]): string {
  return JSON.stringify(fields.map((field) => plain(values[field])))
}

const time = /^\d{4}-\d\d-\d\dT/

/** The same value reads differently in what is sent and in what comes back. */
function plain(value: unknown): string {
  if (value === null || value === undefined || value === false) return ''
  const text = String(value).replaceAll('\r\n', '\n').trim()
  if (typeof value === 'number' || (text !== '' && /^-?\d+(?:\.\d+)?$/.test(text))) return String(Number(text))
  return time.test(text) && !Number.isNaN(Date.parse(text)) ? String(Date.parse(text)) : text
}
