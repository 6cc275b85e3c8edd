import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../../../workers/context.ts'

/** Holds its slot, does nothing, and does not listen when it is asked to end. */
export default {
  kind: 'occupy',
  title: 'Hold a slot',
  pool: 'batch',
  input: {},
  async run({ progress }: Context): Promise<null> {
    progress({ phase: 'there', percent: null })
    await sleep(3_600_000)
    return null
  },
}
