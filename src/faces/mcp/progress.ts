import type { ContractTask } from '../../contract/task.ts'
import { cut } from './text.ts'

interface Progress {
  readonly progress: number
  readonly total?: number
  readonly message: string
}

const mostCharacters = 500
/** The protocol wants each number to be above the one before, also where a task does not get further. */
const step = 0.001

/** How a task is, in a few words. */
export function wordsFor({ state, progress, error }: ContractTask): string {
  if (error && (state === 'failed' || state === 'cancelled')) return cut(`${state}: ${error.message}`, mostCharacters)
  if (!progress || state !== 'running') return state
  const { phase, percent, done, total, unit, message } = progress
  const count = done === undefined ? '' : `${done}${total === undefined ? '' : `/${total}`} ${unit ?? ''}`.trim()
  const parts = [phase, percent === null ? '' : `${Math.round(percent)} %`, count, message ?? '']
  return cut(`running: ${parts.filter((part) => part !== '').join(', ')}`, mostCharacters)
}

/** What to say of a task each time that it is looked at: nothing when it is as before. */
export function progressOf(): (task: ContractTask) => Progress | undefined {
  let said: string | undefined
  let reached = 0
  return (task) => {
    const message = wordsFor(task)
    if (message === said) return undefined
    said = message
    const percent = task.state === 'succeeded' ? 100 : (task.progress?.percent ?? null)
    reached = Math.max(reached + step, percent ?? 0)
    return { progress: reached, ...(percent !== null && { total: Math.max(100, reached) }), message }
  }
}
