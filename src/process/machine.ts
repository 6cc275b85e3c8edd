import { Census } from './census.ts'
import { readBootId } from './identity.ts'
import { Programs } from './programs.ts'
import { type Spawn, spawnHere } from './spawn.ts'

/** The machine as one orchestrator knows it. */
export interface Machine {
  /** Changes with every boot: a process of another boot cannot live. */
  readonly bootId: string
  readonly census: Census
  readonly programs: Programs
  /** How processes are started here. */
  readonly spawn: Spawn
}

export function thisMachine(): Machine {
  const programs = new Programs()
  return { bootId: readBootId(), census: new Census(), programs, spawn: spawnHere(programs) }
}
