import type { Hours } from '../schedule/hours.ts'
import { knownTimeZone } from '../system/time-zone.ts'
import { LIMIT_NAMES } from '../task/limits.ts'
import { POOLS } from '../task/task.ts'
import { complaintOfOidc } from './oidc.ts'
import type { Config } from './schema.ts'

/** What is wrong with settings that are each well-formed, in one sentence; nothing when they go together. */
export function complaintOf(config: Config): string | undefined {
  return (
    ofKeys(config) ??
    ofSlots(config) ??
    ofShares(config) ??
    ofLimits(config) ??
    ofTimeZones(config) ??
    complaintOfOidc(config.oidc)
  )
}

/** One place has one passphrase, and is asked for one. */
function ofKeys({ masterKey, formerMasterKey }: Config): string | undefined {
  if (masterKey !== 'passphrase' || formerMasterKey !== 'passphrase') return undefined
  return 'masterKey and formerMasterKey cannot both be passphrase: start once with a file as masterKey, and then with the new passphrase and that file as formerMasterKey'
}

function ofSlots({ criticalSlots, sharedSlots, pools }: Config): string | undefined {
  const { critical, normal, batch } = pools
  if (critical.max !== null && critical.max < criticalSlots) {
    return `pools.critical.max must be at least criticalSlots, which is ${criticalSlots}`
  }
  for (const [name, { min, max }] of Object.entries({ normal, batch })) {
    if (max !== null && max < min) return `pools.${name}.max must be at least pools.${name}.min, which is ${min}`
  }
  const kept = normal.min + batch.min
  if (kept <= sharedSlots) return undefined
  return `pools.normal.min and pools.batch.min keep ${kept} slots together, and there are ${sharedSlots}: lower one of them, or raise sharedSlots`
}

/** Of a pool without windows nothing could ever start when it has no share; of critical tasks, when it has no slots either. */
function ofShares({ criticalSlots, pools }: Config): string | undefined {
  for (const pool of POOLS) {
    const { share, windows } = pools[pool]
    if (share > 0 || windows.length > 0 || (pool === 'critical' && criticalSlots > 0)) continue
    return `pools.${pool}.share is 0 and there are no windows, so nothing of it could ever start: raise it, or say when in pools.${pool}.windows`
  }
  return undefined
}

function ofLimits({ limits, maxLimits }: Config): string | undefined {
  for (const name of LIMIT_NAMES) {
    const [usual, most] = [limits[name], maxLimits[name]]
    if (usual === null || most === null || usual <= most) continue
    return `limits.${name} is ${usual}, and maxLimits.${name} allows ${most}: lower the one, or raise the other`
  }
  return undefined
}

function ofTimeZones(config: Config): string | undefined {
  for (const [place, timeZone] of timeZonesOf(config)) {
    if (knownTimeZone(timeZone) === undefined) {
      return `${place}: there is no time zone ${timeZone}: give a name such as Europe/Berlin`
    }
  }
  return undefined
}

function timeZonesOf({ tenant, pools, byKind }: Config): (readonly [place: string, timeZone: string])[] {
  const named = (place: string, windows: readonly Hours[]) =>
    windows.flatMap(({ timeZone }, index) =>
      timeZone === undefined ? [] : [[`${place}.windows.${index}.timeZone`, timeZone] as const],
    )
  return [
    ['tenant.timeZone', tenant.timeZone],
    ...POOLS.flatMap((pool) => named(`pools.${pool}`, pools[pool].windows)),
    ...Object.entries(byKind).flatMap(([kind, { windows = [] }]) => named(`byKind.${kind}`, windows)),
  ]
}
