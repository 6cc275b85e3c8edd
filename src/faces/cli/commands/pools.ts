import type { Command } from 'commander'
import type { Scaling } from '../../../contract/stats.ts'
import { action, define, type Making } from '../command.ts'
import { table } from '../output.ts'

export function poolsCommand(making: Making): Command {
  return define('pools', 'Show what runs and what waits, by pool', 'mayfly pools').action(
    action(making, async ({ client, out }) => {
      const { pools, scaling } = await client.pools()
      out.document({ pools, scaling }, () =>
        [
          table(
            ['POOL', 'SLOTS', 'FREE', 'BUSY', 'QUEUED', 'STANDBY', 'OLDEST WAIT'],
            pools.map(({ pool, slots, free, busy, queued, standby, oldestWaitSeconds: wait }) => [
              pool,
              slots,
              free,
              busy,
              queued,
              standby,
              wait === null ? null : `${Math.round(wait)} s`,
            ]),
          ),
          ...scalingLines(scaling),
        ].join('\n'),
      )
      return undefined
    }),
  )
}

const shownChanges = 3

/** Nothing while all shared slots are used, and always were. */
function scalingLines({ most, usable, changes }: Scaling): readonly string[] {
  if (usable === most && changes.length === 0) return []
  const lines = changes.slice(0, shownChanges).map(({ at, from, to, reason }) => `${at}  ${from} → ${to}: ${reason}`)
  return ['', `${usable} of ${most} shared slots are used`, ...lines]
}
