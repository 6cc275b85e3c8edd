/** What came when, and how long it took: read line by line, and brought into the order of its times. */
import { checkOf } from '../contract/check.ts'
import { TraceTask } from '../contract/trace.ts'
import type { Pool } from '../task/task.ts'

/** A line of a trace as the simulator holds it, of which there may be millions. */
export interface Arrival {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly tenant: string
  readonly kind: string
  readonly pool: Pool
  readonly seconds: number
  readonly priority: number
  readonly key: string | null
  readonly limit: number
  readonly memoryMiB: number
  /** Null for a task that saves none. */
  readonly checkpointSeconds: number | null
  readonly ttlSeconds: number | null
}

export const mostArrivals = 5_000_000

/** A trace that cannot be replayed, and the sentence that says where and why. */
export class TraceError extends Error {
  override readonly name = 'TraceError'
}

const check = checkOf(TraceTask, 'the task')

/** One task a line, as JSON; empty lines are passed over. `name` is what a TraceError calls the trace. */
export async function readTrace(name: string, lines: AsyncIterable<string>): Promise<readonly Arrival[]> {
  const arrivals: Arrival[] = []
  let number = 0
  for await (const line of lines) {
    number += 1
    if (line.trim() === '') continue
    if (arrivals.length === mostArrivals) throw new TraceError(`${name} has more than ${mostArrivals} tasks: split it`)
    arrivals.push(arrivalOf(line, `line ${number} of ${name}`))
  }
  if (arrivals.length === 0) throw new TraceError(`${name} holds no task`)
  return arrivals.sort((a, b) => a.at - b.at)
}

function arrivalOf(line: string, where: string): Arrival {
  const task = parse(line, where)
  const complaint = check(task)
  if (complaint) throw new TraceError(`${where}: ${complaint}`)
  const {
    at,
    priority = 0,
    key = null,
    limit = 1,
    memoryMiB = 0,
    checkpointSeconds = null,
    ttlSeconds = null,
    ...same
  } = task as TraceTask
  return { ...same, at: Date.parse(at), priority, key, limit, memoryMiB, checkpointSeconds, ttlSeconds }
}

function parse(line: string, where: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new TraceError(`${where} is not JSON`)
  }
}
