/** Settings that are read again while the server runs: taken over as a whole, or not at all. */
import { changesOf } from './config/changes.ts'
import { ConfigError } from './config/error.ts'
import type { Config } from './config/schema.ts'
import type { Logger } from './system/logger.ts'

export interface Reloading {
  /** Throws ConfigError. */
  readonly read: () => Config
  readonly adopt: (config: Config) => void
  readonly logger: Logger
}

/** Returns the settings that are in force then: the former ones when what is read is not right. */
export function reload(inForce: Config, { read, adopt, logger }: Reloading): Config {
  try {
    const { config, changed, needRestart } = changesOf(inForce, read())
    if (changed.length > 0) adopt(config)
    logger.info({ changed }, changed.length > 0 ? 'the settings have changed' : 'the settings are as they were')
    if (needRestart.length > 0) logger.warn({ needRestart }, `a restart is needed for ${needRestart.join(', ')}`)
    return config
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    logger.error(`the settings stay as they were: ${error.message}`)
    return inForce
  }
}
