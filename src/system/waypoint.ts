/** The places of launch and settle, in their order, at which a test can watch or kill the orchestrator. */
export const WAYPOINTS = [
  'launch.born',
  'launch.claimed',
  'launch.told',
  'settle.ended',
  'settle.exited',
  'settle.emptied',
  'settle.drained',
  'settle.removed',
  'settle.appended',
  'settle.freed',
] as const

export type Waypoint = (typeof WAYPOINTS)[number]

/** Told of every waypoint that is passed; nobody listens in production. */
export type Witness = (waypoint: Waypoint, task: string) => void

export const noWitness: Witness = () => {}
