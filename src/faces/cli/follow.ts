import type { Mayfly, WatchOptions } from '../../client/client.ts'
import type { ContractTask } from '../../contract/task.ts'
import { Interrupted } from './exit.ts'
import { Interrupts } from './interrupts.ts'
import type { Session } from './session.ts'
import { next, seenAtFirst } from './show/seen.ts'
import { type View, viewFor } from './show/view.ts'
import { duration } from './words.ts'

/** Without a connection for so long, it is given up. */
const giveUpMs = 60_000

export interface Following {
  /** The last `seq` that is known already. */
  readonly afterSeq?: number
  /** Signals to end; heard from now on when they are left out. */
  readonly interrupts?: Interrupts
  /** What the first of them does in place of ending this; a second one ends it. */
  readonly onInterrupt?: (() => void) | undefined
}

/** Shows the tasks until all have ended, and resolves with them as they are then. Throws Interrupted at Ctrl-C. */
export async function follow(
  session: Session,
  tasks: readonly ContractTask[],
  { afterSeq = 0, interrupts = new Interrupts(session.io), onInterrupt }: Following = {},
): Promise<readonly ContractTask[]> {
  const { io, out, client, pipeline } = session
  const view = viewFor(io, out.json, tasks.length > 1, pipeline)
  const interrupt = new AbortController()
  let first = onInterrupt
  interrupts.handle(() => {
    if (!first) return interrupt.abort(new Interrupted())
    first()
    first = undefined
  })
  let ended: readonly ContractTask[] = []
  try {
    for (const task of tasks) view.add(seenAtFirst(task))
    await Promise.all(tasks.map((task) => followOne(client, task, view, afterSeq, interrupt.signal)))
    ended = await Promise.all(tasks.map((task) => client.get(task.id)))
    return ended
  } catch (error) {
    // The others need not be watched any longer.
    interrupt.abort(error)
    throw error
  } finally {
    interrupts.stop()
    view.close(ended)
  }
}

async function followOne(
  client: Mayfly,
  task: ContractTask,
  view: View,
  after: number,
  signal: AbortSignal,
): Promise<void> {
  let seen = seenAtFirst(task)
  const how = { after, signal, ...patiently((sentence) => view.note(seen, sentence)) }
  for await (const event of client.watch(task.id, how)) {
    seen = next(seen, event)
    view.event(event, seen)
  }
}

/** There may be many looks, and one sentence tells of all of them for a while. */
const sayAgainMs = 10_000

/** How every command watches: it says what is missing and when the task is out of sight, and does not wait for ever. */
export function patiently(note: (sentence: string) => void) {
  let saidAt = Number.NEGATIVE_INFINITY
  return {
    giveUpMs,
    onGap: (firstSeq) => note(`its events before number ${firstSeq} are no longer kept`),
    onLost(reason, retryMs) {
      if (Date.now() - saidAt < sayAgainMs) return
      saidAt = Date.now()
      note(`is out of sight (${reason}), next look in ${duration(retryMs)}`)
    },
  } satisfies WatchOptions
}

/** What to say to somebody who left while tasks go on. */
export function reattachLine(session: Session, tasks: readonly ContractTask[]): string {
  const them = tasks.length === 1 ? 'the task goes on' : 'the tasks go on'
  const token = session.settings.token?.source === '--token' ? ' (with the same --token)' : ''
  return `${them}: ${session.again('watch', ...tasks.map(({ id }) => id))}${token}`
}
