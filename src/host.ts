/** What the command line may know of this machine and of the server's settings, without starting the server. */
import { readSettings } from './config.ts'
import { probeIsolation } from './process/probe.ts'
import { workerEnvironment } from './worker-environment.ts'

export function hostTools(env: NodeJS.ProcessEnv) {
  return {
    /** The server's settings with these flags, each with where it comes from. Throws ConfigError. */
    settings: (flags: readonly string[]) => readSettings(flags, env),
    /** The best isolation level that works here, and what a higher one lacks. */
    async isolation(): Promise<{ level: number; missing: string }> {
      const { isolation, missing } = await probeIsolation(1, workerEnvironment(env))
      return { level: isolation.level, missing }
    },
  }
}
