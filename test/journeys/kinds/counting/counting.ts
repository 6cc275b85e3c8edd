import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../../../../workers/context.ts'

interface Input {
  readonly diary: string
  readonly steps: number
}

/** Counts to a number, saves how far it is at each step, and writes each into a diary beside everything. */
export default {
  kind: 'counting',
  pool: 'batch',
  input: { type: 'object' },
  async run({ taskId, input, checkpoint, saveCheckpoint, signal }: Context<Input>) {
    const begun = (checkpoint as { done: number } | null)?.done ?? 0
    for (let done = begun; done < input.steps; done++) {
      appendFileSync(input.diary, `${taskId} main ${process.env.MAYFLY_WORKER}\n`)
      await sleep(100, undefined, { signal })
      await saveCheckpoint({ done: done + 1 })
    }
    return { begun }
  },
}
