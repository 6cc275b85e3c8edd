import type { TenantQuotas } from './journal/tenants.ts'

interface NamedQuotas {
  readonly name: string
  readonly quotas: TenantQuotas
}

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
    /**
     * How much may run, and what of it each of these tenants may have, with the settings of a file, or with none; nothing
     * of the environment has a part in it. Throws ConfigError.
     */
    async policy(file: string | undefined, tenants: readonly NamedQuotas[]) {
      const { readConfig } = await import('./config/read.ts')
      const { ConfigError } = await import('./config/error.ts')
      const { policyOf, tenantPolicyOf } = await import('./policy.ts')
      const { knownTimeZone } = await import('./system/time-zone.ts')
      const config = readConfig(file === undefined ? [] : ['--config', file], {})
      const granted = tenants.map(({ name, quotas }) => {
        const { timeZone } = quotas
        if (timeZone !== null && knownTimeZone(timeZone) === undefined) {
          throw new ConfigError(`tenant ${name}: there is no time zone ${timeZone}: give a name such as Europe/Berlin`)
        }
        return [name, tenantPolicyOf(config.tenant, quotas)] as const
      })
      return { policy: policyOf(config), tenants: new Map(granted) }
    },
    /** What looks for a secret in memory and in files. */
    traces: () => import('./process/traces.ts'),
    /** The best isolation level that works here, what a higher one lacks, and what to do about it. */
    async isolation() {
      const { examineIsolation } = await import('./examine-isolation.ts')
      return examineIsolation(env)
    },
  }
}
