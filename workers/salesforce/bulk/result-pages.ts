/**
 * Pages of a bulk query side by side: the org lists five at a time, and each is fetched into a file of its own while
 * those before it are appended to the rows, in the order of the list.
 *
 *     list ─▶ page 1 ─▶ file.page1 ─┐
 *          ─▶ page 2 ─▶ file.page2 ─┼─▶ appended one after the other ─▶ saved
 *          ─▶ page 3 ─▶ …          ─┘
 *
 * What is saved is a list and how much of it has been appended. A list stays what it is as long as the job is there.
 */
import { rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Org } from '../org.ts'
import { throwIfStopped } from '../transport.ts'
import { fetchPage, type Page } from './page.ts'
import type { BulkQueryState, WantedRows } from './query.ts'

/** The first version that lists pages. */
const listsSince = 58

/** Of a list: which one, and how many of its pages are in the file. */
export interface ListPosition {
  /** Null for the first. */
  readonly path: string | null
  readonly appended: number
}

export function listsPages({ apiVersion }: Pick<Org, 'apiVersion'>): boolean {
  return Number(apiVersion) >= listsSince
}

interface Listed {
  readonly path: string
  /** Where one is when it has been appended; null behind the last page. */
  readonly after: ListPosition | null
}

interface Flight {
  readonly listed: Listed
  readonly file: string
  readonly page: Promise<Page>
}

/** The state after each page, in their order. */
export async function* pagesSideBySide(wanted: WantedRows, from: BulkQueryState): AsyncGenerator<BulkQueryState> {
  const { context, query } = wanted
  const width = query.parallelPages ?? 1
  const listed = listedFrom(wanted, from.list ?? { path: null, appended: 0 })
  const flights: Flight[] = []
  let [state, number] = [from, 0]
  try {
    for (let isListed = true; isListed || flights.length > 0; ) {
      throwIfStopped(context.signal)
      while (isListed && flights.length < width) {
        const next = await listed.next()
        if (next.done) isListed = false
        else flights.push(begin(wanted, next.value, { number: ++number, isFirst: from.pages + number === 1 }))
      }
      const flight = flights.shift()
      if (!flight) continue
      state = await land(flight, state, query.file)
      yield state
    }
  } finally {
    for (let at = 0; at < width; at++) rmSync(partOf(query.file, at), { force: true })
  }
}

/** Pages from a position on, with a call for every list. */
async function* listedFrom({ org, query, id }: WantedRows, from: ListPosition): AsyncGenerator<Listed> {
  // How large pages are the org decides, unless it is asked.
  const size = query.pageRecords === undefined ? '' : `?maxRecords=${query.pageRecords}`
  for (let list: ListPosition | null = from; list !== null; ) {
    const { path, appended }: ListPosition = list
    const answer: Answer = await org.request<Answer>(path ?? `/jobs/query/${id}/resultPages${size}`, {
      step: `listing the pages of rows of the bulk query ${id}`,
    })
    const urls = (answer.resultPages ?? []).map(({ resultUrl, resultLink }) => resultUrl ?? resultLink ?? '')
    // Without rows there is a page all the same, with the header.
    if (urls.length === 0 && path === null) urls.push(`/jobs/query/${id}/results`)
    const next: ListPosition | null =
      answer.done === false && answer.nextRecordsUrl ? { path: answer.nextRecordsUrl, appended: 0 } : null
    for (const [at, url] of urls.entries()) {
      if (at < appended) continue
      yield { path: url, after: at + 1 < urls.length ? { path, appended: at + 1 } : next }
    }
    list = next
  }
}

/** As the documentation has it; an older example calls the URL a link. */
interface Answer {
  readonly resultPages?: readonly { readonly resultUrl?: string; readonly resultLink?: string }[]
  readonly nextRecordsUrl?: string | null
  readonly done?: boolean
}

function begin(
  { context, org, query, id }: WantedRows,
  listed: Listed,
  { number, isFirst }: { readonly number: number; readonly isFirst: boolean },
): Flight {
  const file = partOf(query.file, number % (query.parallelPages ?? 1))
  const page = fetchPage(context, org, {
    path: listed.path,
    file,
    offset: 0,
    keepsHeader: isFirst,
    compress: query.compress ?? true,
    step: `fetching page ${number} of the rows of the bulk query ${id}`,
  })
  // Whoever waits for it hears of it.
  page.catch(() => {})
  return { listed, file, page }
}

async function land(
  { listed: { after }, file, page }: Flight,
  state: BulkQueryState,
  to: string,
): Promise<BulkQueryState> {
  const { records } = await page
  const bytes = await append(file, to, state.bytes)
  const list = after ?? { path: null, appended: 0 }
  return { ...state, list, bytes, records: state.records + records, pages: state.pages + 1, isDone: after === null }
}

function partOf(file: string, slot: number): string {
  return `${file}.page${slot}`
}

const atOnceBytes = 1024 * 1024

/** Returns the size of the file; whatever stood behind `offset` is cut off first. */
async function append(from: string, to: string, offset: number): Promise<number> {
  const source = await open(from, 'r')
  const target = await open(to, offset === 0 ? 'w' : 'r+')
  try {
    if (offset > 0) await target.truncate(offset)
    const buffer = Buffer.allocUnsafe(atOnceBytes)
    let at = offset
    for (;;) {
      const { bytesRead } = await source.read(buffer, 0, atOnceBytes, at - offset)
      if (bytesRead === 0) return at
      for (let done = 0; done < bytesRead; ) {
        const { bytesWritten } = await target.write(buffer, done, bytesRead - done, at + done)
        done += bytesWritten
      }
      at += bytesRead
    }
  } finally {
    await target.close()
    await source.close()
  }
}
