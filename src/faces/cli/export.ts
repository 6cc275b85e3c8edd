/** What has run, as a trace that `mayfly simulate` replays. */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ContractTask } from '../../contract/task.ts'
import type { TraceTask } from '../../contract/trace.ts'
import { CommandError } from './exit.ts'

export interface Exported {
  /** Lines in the file. */
  readonly tasks: number
  /** Without a beginning or an end, so that nobody knows how long they take. */
  readonly leftOut: number
}

/** One task a line, in the order in which they come. */
export async function exportTrace(path: string, tasks: AsyncIterable<ContractTask>): Promise<Exported> {
  const exported = { tasks: 0, leftOut: 0 }
  const lines = async function* () {
    for await (const task of tasks) {
      const traced = traceOf(task)
      if (traced) {
        exported.tasks += 1
        yield `${JSON.stringify(traced)}\n`
      } else exported.leftOut += 1
    }
  }
  try {
    await pipeline(Readable.from(lines()), createWriteStream(path))
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error && 'path' in error)) throw error
    throw new CommandError(`${path} cannot be written: ${error.message}`)
  }
  return exported
}

/** It came when it was due. Of several attempts the time is from the first to the end. */
function traceOf(task: ContractTask): TraceTask | undefined {
  const { tenant, kind, pool, priority, concurrency, notBefore, createdAt, startedAt, settledAt } = task
  if (startedAt === null || settledAt === null) return undefined
  return {
    at: notBefore ?? createdAt,
    tenant,
    kind,
    pool,
    seconds: Math.max(0, (Date.parse(settledAt) - Date.parse(startedAt)) / 1000),
    ...(priority !== 0 && { priority }),
    ...(concurrency && { key: concurrency.key, limit: concurrency.limit }),
  }
}
