/** What is fixed when a worker is born: a task takes only a worker of its profile. */
export interface LaunchProfile {
  readonly memoryMiB: number
  readonly workspaceMiB: number
}

/** Equal for profiles that are. */
export function keyOf({ memoryMiB, workspaceMiB }: LaunchProfile): string {
  return JSON.stringify([memoryMiB, workspaceMiB])
}
