import { join } from 'node:path'
import type { ContractEvent } from '../../src/contract/event.ts'
import { takeOver } from '../../src/system/zeroable.ts'
import { startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { interleave, type Line, lineOf, type Pair } from './harness.ts'
import { Program, within } from './program.ts'

const rounds = 3
const rows = 1_000_000
const soql = 'SELECT Id, Name, Number__c, Text__c, CreatedDate FROM Big__c'

interface Org {
  readonly session: string
  readonly token: string
  readonly url: string
}

/**
 * The rows of a bulk query, 1,000,000 and some 170 MB, from the first page asked for to the last one durable, against the
 * same pages by plain fetch into a file, in a process as new as the worker; the whole task, its artifact kept; and the most memory that its worker took.
 */
export async function* bulk(): AsyncIterable<Line> {
  const org = new Program('bulk-org.ts', [String(rows)])
  yield* within([org], async function* () {
    const known = await org.hear<Org>()
    const mayfly = await startMayfly({ config: { standby: 1 } })
    try {
      yield* measure(mayfly, known)
    } finally {
      await mayfly.remove()
    }
  })
}

async function* measure(mayfly: TestMayfly, { session, token, url }: Org): AsyncIterable<Line> {
  const value = takeOver(Buffer.from(session))
  await mayfly.vault.put('default', 'org/prod/session', value, Date.now())
  const known: Known = { mayfly, plain: () => plainMs({ url, token, soql, file: join(mayfly.data, 'plain.csv') }) }
  yield* measureWay(known, 'bulk', {})
  yield* measureWay(known, 'bulk, five pages side by side', { parallelPages: 5, pageRecords: 50_000 })
}

interface Known {
  readonly mayfly: TestMayfly
  /** Milliseconds of the same pages by plain fetch. */
  plain(): Promise<number>
}

async function* measureWay({ mayfly, plain }: Known, way: string, more: object): AsyncIterable<Line> {
  const [memory, whole]: [number[], number[]] = [[], []]
  const query = async () => {
    const begunAt = performance.now()
    const input = { org: 'prod', soql, apiVersion: '62.0', pollSeconds: 0.01, ...more }
    const { id, state, error } = await mayfly.run({ kind: 'bulk.query', input })
    whole.push(performance.now() - begunAt)
    if (state !== 'succeeded') throw new Error(`the bulk query is ${state}: ${error?.message}`)
    for (const { usage } of mayfly.attempts(id)) memory.push(usage?.peakRssMiB ?? Number.NaN)
    return fetchMs(await mayfly.events(id))
  }
  const pairs = await interleave(rounds, query, plain)
  const limits = pairs.map(({ limit }) => limit)
  yield lineOf(`${way}: the rows of a query of 1,000,000, against fetch into a file`, 'ms', pairs, { atMost: 1.5 })
  yield lineOf(`${way}: the whole task`, 'ms', paired(whole.slice(1), limits))
  yield lineOf(
    `${way}: the most memory that its worker took`,
    'MiB',
    paired(
      memory,
      memory.map(() => 200),
    ),
    { valueAtMost: 200 },
  )
}

/** In a process of its own, as cold as a worker, without what its start takes. */
async function plainMs(question: object): Promise<number> {
  const plain = new Program('plain-pages.ts')
  try {
    await plain.hear()
    return (await plain.ask<{ ms: number }>(question)).ms
  } finally {
    await plain.stop()
  }
}

function paired(values: readonly number[], limits: readonly number[]): Pair[] {
  return values.map((value, index) => ({ value, limit: limits[index] ?? Number.NaN }))
}

/** From the first to the last that it said of its fetching. */
function fetchMs(events: readonly ContractEvent[]): number {
  const told = events.filter(({ type, data }) => type === 'task.progress' && data.phase === 'fetching')
  return Date.parse(told.at(-1)?.at ?? '') - Date.parse(told[0]?.at ?? '')
}
