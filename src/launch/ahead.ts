/**
 * What a worker that stands by is told while the claim of its task is on the way to the disk: its kind, which it loads
 * meanwhile; and where its task needs nothing else, the task itself, which it begins when the journal gives the cue.
 */
import type { Cue } from '../journal/cue.ts'
import type { Journal } from '../journal/journal.ts'
import type { Worker } from '../process/worker.ts'
import { encodeJson, FRAME } from '../protocol/frame.ts'
import type { KindFrame } from '../protocol/messages.ts'
import type { Task } from '../task/task.ts'
import { asksForNothing } from './equip.ts'
import { startOf, type TellDeps } from './tell.ts'

/** A longer input would be sent twice, where the pipe does not take all of it at once. */
const mostInputCharacters = 16 * 1024

/** START and END, of which the first means what KIND has said. */
const begin = Buffer.concat([encodeJson(FRAME.START), encodeJson(FRAME.END)])

interface AheadDeps extends TellDeps {
  readonly journal: Pick<Journal, 'cue'>
}

/** For a new task; undefined where it has to be told by us. */
export function cueFor(task: Task, { registry, journal }: AheadDeps): Cue | undefined {
  const isPlain = registry.has(task.kind) && asksForNothing(task, registry)
  return isPlain && JSON.stringify(task.input).length <= mostInputCharacters ? journal.cue(begin) : undefined
}

/** Whatever is wrong with the code shows when the task is to run. */
export function tellKind(worker: Worker, name: string, { registry }: Pick<AheadDeps, 'registry'>): void {
  const kind = registry.get(name)
  if (kind) worker.send(FRAME.KIND, { module: kind.module, text: kind.text() } satisfies KindFrame)
}

/** The same with the task, as it is once it is claimed; and who it is that waits for the cue. */
export function tellAhead(worker: Worker, task: Task, cue: Cue, deps: AheadDeps): void {
  const kind = deps.registry.get(task.kind)
  if (!kind) return
  const start = startOf({ ...task, attempt: task.attempt + 1 }, kind, worker, deps)
  worker.send(FRAME.KIND, { module: kind.module, text: kind.text(), start } satisfies KindFrame)
  const descriptor = worker.duplicate()
  if (descriptor !== undefined) cue.giveTo(descriptor)
}
