/** A task request from flags. */
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import type { TaskRequest } from '../../contract/request.ts'
import type { OnConflict } from '../../task/conflict.ts'
import type { Json, JsonObject } from '../../task/json.ts'
import { UsageError } from './exit.ts'
import type { Io } from './io.ts'

export interface RequestOptions {
  readonly input?: string
  readonly set: readonly string[]
  readonly secret: readonly string[]
  readonly label: readonly string[]
  readonly limit: readonly string[]
  readonly pool?: string
  readonly priority?: string
  readonly notBefore?: string
  readonly ttl?: string
  readonly attempts?: string
  readonly concurrency?: string
  readonly onConflict?: string
  readonly upload?: string
}

/** The value of a secret, or where one is, and no reference to one: `@FILE`, or `-` for stdin. */
export function isOneTime(written: string): boolean {
  return written === '-' || written.startsWith('@')
}

/** Whether it all makes sense is the server's to say. Throws UsageError for what is not even written right. */
export async function readRequest(
  io: Pick<Io, 'stdin'>,
  kind: string,
  command: readonly string[],
  options: RequestOptions,
): Promise<TaskRequest> {
  if (options.onConflict !== undefined && options.concurrency === undefined)
    throw new UsageError('--on-conflict says what becomes of tasks with the same --concurrency: give that, too')
  const { pool, priority, notBefore, ttl, attempts, concurrency, limit, secret, label } = options
  const references = secret.filter((one) => !isOneTime(one.slice(one.indexOf('=') + 1)))
  return {
    kind,
    input: withParts(await readInput(io, options.input), command, options.set),
    ...(pool !== undefined && { pool: pool as NonNullable<TaskRequest['pool']> }),
    ...(priority !== undefined && { priority: numberOf('--priority', priority) }),
    ...(notBefore !== undefined && { notBefore }),
    ...(ttl !== undefined && { ttlSeconds: numberOf('--ttl', ttl) }),
    ...(attempts !== undefined && { retry: { maxAttempts: numberOf('--attempts', attempts) } }),
    ...(concurrency !== undefined && { concurrency: concurrencyOf(concurrency, options.onConflict) }),
    ...(limit.length > 0 && { limits: mapOf('--limit', limit, (text, name) => numberOf(`--limit ${name}`, text)) }),
    ...(references.length > 0 && { secrets: mapOf('--secret', references, (reference) => reference) }),
    ...(label.length > 0 && { labels: mapOf('--label', label, (value) => value) }),
  }
}

function concurrencyOf(key: string, onConflict: string | undefined): NonNullable<TaskRequest['concurrency']> {
  return { key, ...(onConflict !== undefined && { onConflict: onConflict as OnConflict }) }
}

/** JSON, `@file`, or `-` for stdin. */
async function readInput({ stdin }: Pick<Io, 'stdin'>, input: string | undefined): Promise<Json> {
  if (input === undefined) return {}
  if (input === '-') return parseJson(await text(stdin), 'stdin')
  if (input.startsWith('@')) return parseJson(readText(input.slice(1)), input.slice(1))
  return parseJson(input, '--input')
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}

function parseJson(text: string, where: string): Json {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UsageError(`${where} is not JSON: ${error instanceof Error ? error.message : error}`)
  }
}

function withParts(input: Json, command: readonly string[], set: readonly string[]): Json {
  if (command.length === 0 && set.length === 0) return input
  if (!isObject(input)) throw new UsageError('--input must be an object where --set or a command adds to it')
  return { ...input, ...mapOf('--set', set, jsonOrText), ...(command.length > 0 && { command }) }
}

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** JSON where it is JSON, else the text itself. */
function jsonOrText(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export function mapOf<T>(
  flag: string,
  given: readonly string[],
  read: (text: string, name: string) => T,
): Record<string, T> {
  const entries = given.map((each): [string, T] => {
    const at = each.indexOf('=')
    if (at < 1) throw new UsageError(`${flag} must be written name=value, not ${each}`)
    const name = each.slice(0, at)
    return [name, read(each.slice(at + 1), name)]
  })
  return Object.fromEntries(entries)
}

export function numberOf(flag: string, text: string): number {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  throw new UsageError(`${flag} must be a number, not ${text}`)
}
