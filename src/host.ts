import type { Policy } from './schedule/policy.ts'

/**
 * What the command line may know of this machine and of the server's settings, without starting the server. Few commands
 * ask, so what answers is loaded when they do.
 */
export function hostTools(env: NodeJS.ProcessEnv) {
  return {
    /** The server's settings with these flags, each with where it comes from. Throws ConfigError. */
    async settings(flags: readonly string[]) {
      const { readSettings } = await import('./config/read.ts')
      return readSettings(flags, env)
    },
    /** How much may run with the settings of a file, or with none; nothing of the environment has a part in it. Throws ConfigError. */
    async policy(file: string | undefined): Promise<Policy> {
      const { readConfig } = await import('./config/read.ts')
      const { policyOf } = await import('./policy.ts')
      return policyOf(readConfig(file === undefined ? [] : ['--config', file], {}))
    },
    /** The best isolation level that works here, and what a higher one lacks. */
    async isolation(): Promise<{ level: number; missing: string }> {
      const { probeIsolation } = await import('./process/probe.ts')
      const { workerEnvironment } = await import('./worker-environment.ts')
      const { isolation, missing } = await probeIsolation(1, workerEnvironment(env))
      return { level: isolation.level, missing }
    },
  }
}
