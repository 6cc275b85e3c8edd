/** What is fixed when a worker is born: a task takes only a worker of its profile. */
export interface LaunchProfile {
  readonly memoryMiB: number
  readonly workspaceMiB: number
  /** Of one file. */
  readonly fileMiB: number
  /** Of one process. */
  readonly openFiles: number
  readonly processes: number
  /** URLs of modules that are loaded before the worker knows its task. */
  readonly preload: readonly string[]
}

/** Equal for profiles that are. */
export function keyOf({ preload, ...limits }: LaunchProfile): string {
  const { memoryMiB, workspaceMiB, fileMiB, openFiles, processes } = limits
  return JSON.stringify([memoryMiB, workspaceMiB, fileMiB, openFiles, processes, ...preload])
}

/** What of a larger thing is its profile, and nothing else. */
export function profileOf({ memoryMiB, workspaceMiB, fileMiB, openFiles, processes, preload }: LaunchProfile) {
  return { memoryMiB, workspaceMiB, fileMiB, openFiles, processes, preload }
}
