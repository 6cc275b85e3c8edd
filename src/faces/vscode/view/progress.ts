import { safeLine } from '../../cli/safe.ts'
import { doing } from '../../cli/show/seen.ts'
import type { TaskInView } from './model.ts'

export interface Step {
  /** Of 100 in all; a notification can only ever add. */
  readonly increment: number
  readonly message: string
}

/** Turns where tasks are into the steps that a notification takes. A new attempt that begins lower adds nothing until it has caught up. */
export class Steps {
  #shownPercent = 0

  to(task: TaskInView): Step {
    const { percent } = task.seen
    const increment = Math.max(0, Math.floor(percent ?? 0) - this.#shownPercent)
    this.#shownPercent += increment
    return { increment, message: messageOf(task) }
  }
}

const longest = 120

function messageOf({ state, seen }: TaskInView): string {
  const { percent, count } = seen
  const where = state === 'running' && percent !== null ? `${Math.floor(percent)}%` : state
  const text = safeLine([where, count, doing(seen)].filter((word) => word !== '').join(' · '))
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}
