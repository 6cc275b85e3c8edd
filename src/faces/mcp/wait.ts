import { sleep } from '../../client/backoff.ts'
import type { Mayfly } from '../../client/client.ts'
import { isPassing } from '../../client/errors.ts'
import type { ContractTask } from '../../contract/task.ts'
import { isTerminal } from '../../task/states.ts'
import type { Call } from './tool.ts'

/** Below the longest that the server lets anybody wait, and what proxies bear. */
const longestPollSeconds = 50
/** A task that says a lot is not asked after each word. */
const pauseMs = 250
/** A wait that ends so much before its time, without news, was ended by a server that stops. */
const earlyMs = 500
const awayMs = 500

/** The task as it is once it has ended, or after so many seconds. A server that goes away is waited for, too. */
export async function untilEnded(id: string, mostSeconds: number, call: Call): Promise<ContractTask> {
  const end = performance.now() + mostSeconds * 1000
  const signal = AbortSignal.any([call.signal, call.over])
  for (;;) {
    try {
      const task = await call.client.get(id, { signal })
      await call.tell(task)
      const left = end - performance.now()
      if (isTerminal(task.state) || left <= 0 || !(await news(task, left, call.client, signal))) return task
      await sleep(pauseMs, signal)
    } catch (error) {
      if (!isPassing(error) || performance.now() + awayMs > end) throw error
      await sleep(awayMs, signal)
    }
  }
}

/** Waits for something to happen to it. False when the server ends the wait itself. */
async function news(
  { id, lastSeq }: ContractTask,
  leftMs: number,
  client: Mayfly,
  signal: AbortSignal,
): Promise<boolean> {
  const waitMs = Math.round(Math.min(leftMs, longestPollSeconds * 1000))
  const since = performance.now()
  const { items } = await client.events(id, { after: lastSeq, limit: 1, wait: waitMs / 1000 }, { signal })
  return items.length > 0 || performance.now() - since > waitMs - earlyMs
}
