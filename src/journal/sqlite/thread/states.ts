import { ACTIVE, isTerminal, STATES, type State } from '../../../task/states.ts'

/** States as SQL compares them: `state IN (${ended})`. */
export function listOf(states: readonly State[]): string {
  return states.map((state) => `'${state}'`).join(', ')
}

/** An attempt is open. */
export const active = listOf(ACTIVE)
export const ended = listOf(STATES.filter(isTerminal))
export const unsettled = listOf(STATES.filter((state) => !isTerminal(state)))
