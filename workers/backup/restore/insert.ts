/**
 * Rows that are made anew, once. That a request is on its way is durable before it leaves; when no answer came, in this
 * attempt or in an earlier one, what it made is looked for in the org before anything is sent again.
 */
import { SalesforceError } from '../../salesforce/errors.ts'
import { pause } from '../../salesforce/transport.ts'
import type { Candidate } from '../made.ts'
import { matchMade, type Sent } from '../made.ts'
import { soqlTime } from '../window.ts'
import type { RowResult } from './calls.ts'
import type { Work } from './work.ts'

export interface Wanted {
  /** In the backup. */
  readonly id: string
  readonly values: Sent
}

export interface Making {
  readonly object: string
  /** By which what was made is told; of them those that were sent. */
  readonly fields: readonly string[]
  send(rows: readonly Wanted[]): Promise<readonly RowResult[]>
}

const mostTries = 4
const usualSettleSeconds = 15

/** Each is in the log of ids or among the failed when this returns; neither is in the checkpoint yet. */
export async function makeOnce(work: Work, rows: readonly Wanted[], making: Making): Promise<void> {
  let open = rows
  if (work.memory.value.sentAt !== null) open = await adopt(work, open, making)
  for (let tries = 1; open.length > 0; tries++) {
    if (work.memory.value.sentAt === null) await work.memory.change({ sentAt: work.org.now.toISOString() })
    try {
      note(work, making.object, open, await making.send(open))
      return
    } catch (error) {
      if (!(error instanceof SalesforceError) || !error.isUnsure || tries >= mostTries) throw error
      work.context.log.warn(`${error.message} What it made is looked for.`)
      open = await adopt(work, open, making)
    }
  }
}

/** What is still to be made. */
async function adopt(work: Work, rows: readonly Wanted[], making: Making): Promise<readonly Wanted[]> {
  const { logs, memory, org, context } = work
  const sentAt = Date.parse(memory.value.sentAt ?? '')
  const restMs = sentAt + (context.input.settleSeconds ?? usualSettleSeconds) * 1_000 - org.now.getTime()
  // The org may still be at it.
  if (restMs > 0) await pause(restMs, context.signal)
  const candidates = await madeSince(work, making, sentAt)
  const { found, unsure } = matchMade(
    rows.map(({ values }) => values),
    candidates,
    making.fields,
  )
  if (found.size > 0) context.log.info(`${found.size} rows of ${making.object} had arrived: they are not made again`)
  logs.made(
    making.object,
    [...found].map(([at, id]) => [rows[at]?.id ?? '', id]),
  )
  const isUnsure = new Set(unsure)
  logs.fail([...isUnsure].map((at) => ({ object: making.object, id: rows[at]?.id ?? '', ...unsureRow })))
  return rows.filter((_, at) => !found.has(at) && !isUnsure.has(at))
}

const unsureRow = {
  code: 'UNSURE',
  message: 'the answer was lost, and rows are there that may be this one: look, and restore it by its id if it is not',
}

/** Stamps have whole seconds. */
const slackMs = 2_000

async function madeSince({ org, logs }: Work, { object, fields }: Making, sentAt: number): Promise<Candidate[]> {
  const known = await logs.ids.made()
  const since = soqlTime(Math.floor((sentAt - slackMs) / 1_000) * 1_000)
  const columns = ['Id', ...fields].join(', ')
  const soql = `SELECT ${columns} FROM ${object} WHERE CreatedById = '${org.userId}' AND CreatedDate >= ${since} ORDER BY Id`
  const found: Candidate[] = []
  for await (const { rows } of org.data.pages<Candidate>(soql, {
    step: `looking for rows of ${object} that were made`,
  }))
    found.push(...rows.filter(({ Id }) => !known.has(Id)))
  return found
}

function note({ logs }: Work, object: string, rows: readonly Wanted[], results: readonly RowResult[]): void {
  const made: [string, string][] = []
  for (const [at, { id }] of rows.entries()) {
    const result = results[at]
    if (result?.success && result.id) made.push([id, result.id])
    else logs.fail([failureOf(object, id, result)])
  }
  logs.made(object, made)
}

export function failureOf(object: string, id: string, result: RowResult | undefined) {
  const [error] = result?.errors ?? []
  const fields = error?.fields?.length ? ` (${error.fields.join(', ')})` : ''
  return {
    object,
    id,
    code: error?.statusCode ?? 'NO_RESULT',
    message: `${error?.message ?? 'no result came'}${fields}`,
  }
}
