import { Census } from './census.ts'
import { readBootId } from './identity.ts'

/** The machine as one orchestrator knows it. */
export interface Machine {
  /** Changes with every boot: a process of another boot cannot live. */
  readonly bootId: string
  readonly census: Census
}

export function thisMachine(): Machine {
  return { bootId: readBootId(), census: new Census() }
}
