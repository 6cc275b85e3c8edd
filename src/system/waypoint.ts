/** The places of launch and settle, in their order, at which a test can watch or kill the orchestrator. */
export const WAYPOINTS = [
  'launch.born',
  'launch.claimed',
  'launch.brought',
  'launch.lent',
  'launch.told',
  'settle.ended',
  'settle.exited',
  'settle.emptied',
  'settle.drained',
  'settle.collected',
  'settle.wiped',
  'settle.removed',
  'settle.appended',
  'settle.freed',
] as const

/** The same on the way of a tick to its task. */
export const FIRE_WAYPOINTS = ['fire.decided', 'fire.committed'] as const

export type FireWaypoint = (typeof FIRE_WAYPOINTS)[number]

/** A new task is durable, and those of its concurrency key that end for it are not cancelled yet. */
export const SUBMIT_WAYPOINT = 'submit.superseding'

/** Around the commit of a secret that a task stores. */
export const STORE_WAYPOINTS = ['secret.storing', 'secret.stored'] as const

export type Waypoint =
  | (typeof WAYPOINTS)[number]
  | FireWaypoint
  | typeof SUBMIT_WAYPOINT
  | (typeof STORE_WAYPOINTS)[number]

/** Told of every waypoint that is passed, and of the task or schedule; nobody listens in production. */
export type Witness = (waypoint: Waypoint, id: string) => void

export const noWitness: Witness = () => {}
