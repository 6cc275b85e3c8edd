/** What a new task does to those of its key: waits its turn, has them end, or does not come to be where the key is full. */
export const ON_CONFLICT = ['queue', 'cancel-queued', 'cancel-running', 'reject'] as const

export type OnConflict = (typeof ON_CONFLICT)[number]

/** Why a task is cancelled for another. */
export function supersededBy(id: string): string {
  return `task ${id} of the same concurrency key came after it`
}

/** Why a task of a schedule is cancelled for that of its newest tick. */
export function replacedBy(schedule: string): string {
  return `its schedule ${schedule} fires again`
}
