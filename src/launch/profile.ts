/** What is fixed when a worker is born: a task takes only a worker of its profile. */
export interface LaunchProfile {
  readonly memoryMiB: number
  readonly workspaceMiB: number
  /** URLs of modules that are loaded before the worker knows its task. */
  readonly preload: readonly string[]
}

/** Equal for profiles that are. */
export function keyOf({ memoryMiB, workspaceMiB, preload }: LaunchProfile): string {
  return JSON.stringify([memoryMiB, workspaceMiB, ...preload])
}
