import type { Mayfly } from '../../client/client.ts'
import type { ContractEvent } from '../../contract/event.ts'
import type { ContractTask } from '../../contract/task.ts'
import { Interrupted } from './exit.ts'
import type { Session } from './session.ts'
import { next, seenAtFirst } from './show/seen.ts'
import { type View, viewFor } from './show/view.ts'
import { duration } from './words.ts'

/** Without a connection for so long, it is given up. */
const giveUpMs = 60_000

export interface Following {
  /** The last `seq` that is known already. */
  readonly afterSeq?: number
  /** Where tasks are of several tenants. */
  readonly clientOf?: (task: ContractTask) => Mayfly
  readonly onEvent?: (task: ContractTask, event: ContractEvent) => void
}

/** Shows the tasks until all have ended, and resolves with them as they are then. Throws Interrupted at Ctrl-C. */
export async function follow(
  session: Session,
  tasks: readonly ContractTask[],
  following: Following = {},
): Promise<readonly ContractTask[]> {
  const { io, out } = session
  const { clientOf = () => session.client } = following
  const view = viewFor(io, out.json, tasks.length > 1)
  const interrupt = new AbortController()
  const stopListening = io.onInterrupt(() => interrupt.abort(new Interrupted()))
  let ended: readonly ContractTask[] = []
  try {
    for (const task of tasks) view.add(task)
    await Promise.all(tasks.map((task) => followOne(clientOf(task), task, view, following, interrupt.signal)))
    ended = await Promise.all(tasks.map((task) => clientOf(task).get(task.id)))
    return ended
  } catch (error) {
    // The others need not be watched any longer.
    interrupt.abort(error)
    throw error
  } finally {
    stopListening()
    view.close(ended)
  }
}

async function followOne(
  client: Mayfly,
  task: ContractTask,
  view: View,
  { afterSeq, onEvent }: Following,
  signal: AbortSignal,
): Promise<void> {
  let seen = seenAtFirst(task)
  const events = client.watch(task.id, {
    after: afterSeq,
    signal,
    giveUpMs,
    onGap: (firstSeq) => view.note(task, `its events before number ${firstSeq} are no longer kept`),
    onLost: (reason, retryMs) => view.note(task, `is out of sight (${reason}), next look in ${duration(retryMs)}`),
  })
  for await (const event of events) {
    seen = next(seen, event)
    view.event(task, event, seen)
    onEvent?.(task, event)
  }
}

/** What to say to somebody who left while tasks go on. */
export function reattachLine(tasks: readonly ContractTask[]): string {
  const them = tasks.length === 1 ? 'the task goes on' : 'the tasks go on'
  return `${them}: mayfly watch ${tasks.map(({ id }) => id).join(' ')}`
}
