import type { Command } from 'commander'
import { action, define, type Making } from '../command.ts'
import { table } from '../output.ts'

export function poolsCommand(making: Making): Command {
  return define('pools', 'Show what runs and what waits, by pool', 'mayfly pools').action(
    action(making, async ({ client, out }) => {
      const { pools } = await client.pools()
      out.document(pools, () =>
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
      )
      return undefined
    }),
  )
}
