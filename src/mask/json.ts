import type { Json, JsonObject } from '../task/json.ts'
import { cover } from './coverage.ts'
import type { Needles } from './needles.ts'
import { minNeedleBytes } from './parts.ts'

const mask = '***'
/** No character takes more in UTF-8, by the unit of a JavaScript string. */
const maxBytesPerUnit = 3

/** The text itself when it holds no secret. */
export function maskText(text: string, needles: Needles): string {
  if (needles.areNone || text.length * maxBytesPerUnit < minNeedleBytes) return text
  const bytes = Buffer.from(text)
  const { regions } = cover(bytes, needles.index, 0, false)
  if (regions.length === 0) return text
  const ends = [...regions.map(({ from }) => from), bytes.length]
  const starts = [0, ...regions.map(({ to }) => to)]
  const masked = starts.map((start, at) => bytes.toString('utf8', start, ends[at])).join(mask)
  bytes.fill(0)
  return masked
}

/** A whole JSON value with its names; numbers by their text. The value itself when it holds no secret. */
export function maskJson<T extends Json>(value: T, needles: Needles): T | Json {
  return needles.areNone ? value : maskValue(value, needles)
}

export function holdsSecret(value: Json, needles: Needles): boolean {
  return maskJson(value, needles) !== value
}

function maskValue(value: Json, needles: Needles): Json {
  if (typeof value === 'string') return maskText(value, needles)
  if (typeof value === 'number') return maskText(String(value), needles) === String(value) ? value : mask
  if (typeof value !== 'object' || value === null) return value
  return Array.isArray(value) ? maskArray(value, needles) : maskObject(value as JsonObject, needles)
}

function maskArray(values: readonly Json[], needles: Needles): Json {
  const masked = values.map((value) => maskValue(value, needles))
  return masked.every((value, at) => value === values[at]) ? values : masked
}

function maskObject(object: JsonObject, needles: Needles): Json {
  const entries = Object.entries(object)
  const masked = entries.map(([name, value]) => [maskText(name, needles), maskValue(value, needles)] as const)
  const isSame = masked.every(([name, value], at) => name === entries[at]?.[0] && value === entries[at][1])
  return isSame ? object : fromEntries(masked)
}

/** Names that are alike once they are masked stay apart. */
function fromEntries(entries: readonly (readonly [string, Json])[]): JsonObject {
  const values = new Map<string, Json>()
  let number = 1
  for (const [name, value] of entries) {
    let free = name
    while (values.has(free)) free = `${name} ${++number}`
    values.set(free, value)
  }
  return Object.fromEntries(values)
}
