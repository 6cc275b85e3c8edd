import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../../../../workers/context.ts'

/** Saves a checkpoint at each attempt, then waits to be killed. */
export default {
  kind: 'saving',
  pool: 'normal',
  input: { type: 'object' },
  async run(ctx: Context) {
    const before = ctx.checkpoint as { attempts: number } | null
    await ctx.saveCheckpoint({ attempts: (before?.attempts ?? 0) + 1 })
    ctx.progress({ phase: 'saved', percent: null })
    await sleep(60_000)
  },
}
