import { RecentMap } from '../system/recent-map.ts'
import { keyOf, type LaunchProfile } from './profile.ts'

/** Failures this far apart do not belong together. */
const forgiveMs = 10 * 60_000
/** From this failure in a row on it is told. */
const tellingFailure = 3
/** Profiles that are remembered; of more the one that failed longest ago is forgotten. */
const maxProfiles = 64

/**
 * What fails to come up is tried ever more seldom, each profile by itself: a limit that is too low for one, or a module
 * that does not load, is no reason to have none of the others.
 */
export class Breaker {
  readonly #failures = new RecentMap<string, { readonly count: number; readonly at: number }>(maxProfiles)

  /** True when it is time to tell somebody. */
  failed(profile: LaunchProfile, now: number): boolean {
    const key = keyOf(profile)
    const { count, at } = this.#failures.get(key) ?? { count: 0, at: now }
    const failures = now - at > forgiveMs ? 1 : count + 1
    this.#failures.set(key, { count: failures, at: now })
    return failures === tellingFailure
  }

  worked(profile: LaunchProfile): void {
    this.#failures.delete(keyOf(profile))
  }

  /** For how long one of this profile is not tried again. */
  restMs(profile: LaunchProfile, now: number): number {
    const failed = this.#failures.get(keyOf(profile))
    return failed ? Math.max(0, failed.at + restAfter(failed.count) - now) : 0
  }

  isFailing(profile: LaunchProfile, now: number): boolean {
    return isTelling(this.#failures.get(keyOf(profile)), now)
  }

  /** Whether any of them does. */
  areFailing(now: number): boolean {
    return [...this.#failures.values()].some((failed) => isTelling(failed, now))
  }
}

function isTelling(failed: { readonly count: number; readonly at: number } | undefined, now: number): boolean {
  return failed !== undefined && failed.count >= tellingFailure && now - failed.at <= forgiveMs
}

const firstRestMs = 100
const longestRestMs = 60_000

/** How long nobody is born ahead after so many failures in a row. */
export function restAfter(failures: number): number {
  return failures === 0 ? 0 : Math.min(firstRestMs * 2 ** (failures - 1), longestRestMs)
}
