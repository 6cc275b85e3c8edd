import { isEnd, type Sight } from '../../client/client.ts'
import type { TaskFilter } from '../../contract/query.ts'
import type { ContractTask } from '../../contract/task.ts'
import { isTerminal } from '../../task/states.ts'
import { Interrupted } from './exit.ts'
import { patiently } from './follow.ts'
import type { Session } from './session.ts'
import { next, type Seen, seenAs } from './show/seen.ts'
import { type View, viewFor } from './show/view.ts'

/** Shows every unfinished task that fits, and those that come, until Ctrl-C, which it throws as Interrupted. */
export async function followAll(session: Session, filter: TaskFilter): Promise<never> {
  const { io, out, client } = session
  const view = viewFor(io, out.json, true, session.pipeline)
  const interrupt = new AbortController()
  const stopListening = io.onInterrupt(() => interrupt.abort(new Interrupted()))
  const { giveUpMs, onLost } = patiently((sentence) => out.note(`the server ${sentence}`))
  const onLive = once(() => {
    if (!out.json) out.note('following all tasks, those to come too: Ctrl-C ends this, and none of them')
  })
  const seen = new Map<string, Seen>()
  try {
    for await (const sight of client.watchAll(filter, { signal: interrupt.signal, giveUpMs, onLost, onLive })) {
      if (out.json) out.line(sight, () => '')
      else show(sight, seen, view)
    }
    throw new Interrupted()
  } finally {
    stopListening()
    view.close([])
  }
}

function once(say: () => void): () => void {
  let isSaid = false
  return () => {
    if (!isSaid) say()
    isSaid = true
  }
}

function show(sight: Sight, all: Map<string, Seen>, view: View): void {
  if (sight.type === 'task') {
    appear(sight.task, all, view)
    return
  }
  const before = all.get(sight.task)
  if (!before) return
  const seen = next(before, sight.event)
  view.event(sight.event, seen)
  if (isEnd(sight.event)) leave(seen, all, view)
  else all.set(seen.id, seen)
}

function leave(seen: Seen, all: Map<string, Seen>, view: View): void {
  all.delete(seen.id)
  view.leave(seen)
}

/** What had ended before is no news, unless it ended out of sight. */
function appear(task: ContractTask, all: Map<string, Seen>, view: View): void {
  const before = all.get(task.id)
  if (!isTerminal(task.state)) {
    const seen = seenAs(task)
    all.set(task.id, seen)
    view.add(seen)
  } else if (before) {
    view.note(before, `ended out of sight: ${task.state}`)
    leave(before, all, view)
  }
}
