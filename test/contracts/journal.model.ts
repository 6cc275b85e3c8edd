import type { Move, Moved } from '../../src/journal/journal.ts'
import { canMove } from '../../src/task/states.ts'
import type { NewEvent, Task, TaskEvent } from '../../src/task/task.ts'

/** The journal as plain maps: too simple to be wrong. */
export class JournalModel {
  readonly tasks = new Map<string, Task>()
  readonly log: TaskEvent[] = []

  add(task: Task, queued: NewEvent): void {
    this.tasks.set(task.id, { ...task, lastSeq: 0 })
    this.#append(task.id, [queued])
  }

  move(move: Move): Moved {
    const task = this.tasks.get(move.task)
    if (!task || !allowed(task, move)) return { moved: false }
    this.tasks.set(task.id, { ...task, ...move.change, attempt: task.attempt + (move.opens ? 1 : 0) })
    const after = this.#append(task.id, move.events)
    return { moved: true, lastSeq: after.lastSeq, ...(move.opens ? { task: after } : {}) }
  }

  eventsOf(id: string): readonly TaskEvent[] {
    return this.log.filter(({ task }) => task === id)
  }

  #append(id: string, events: readonly NewEvent[]): Task {
    const task = this.tasks.get(id) as Task
    this.log.push(
      ...events.map((event, index) => ({ ...event, task: id, tenant: task.tenant, seq: task.lastSeq + index + 1 })),
    )
    const after = { ...task, lastSeq: task.lastSeq + events.length }
    this.tasks.set(id, after)
    return after
  }
}

function allowed(task: Task, { from, attempt, change }: Move): boolean {
  const to = change.state ?? task.state
  return from.includes(task.state) && attempt === task.attempt && (to === task.state || canMove(task.state, to))
}
