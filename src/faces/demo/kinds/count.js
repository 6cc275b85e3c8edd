import { setTimeout } from 'node:timers/promises'

/** Counts, and saves how far it got: its next attempt goes on from there. */
export default {
  kind: 'count',
  title: 'Count',
  pool: 'batch',
  input: {
    type: 'object',
    required: ['to'],
    additionalProperties: false,
    properties: { to: { type: 'integer', minimum: 1, maximum: 10_000 } },
  },
  async run({ input: { to }, checkpoint, progress, saveCheckpoint }) {
    for (let at = (checkpoint ?? 0) + 1; at <= to; at++) {
      await setTimeout(50)
      progress({ phase: 'counting', percent: Math.floor((100 * at) / to), done: at, total: to })
      if (at % 10 === 0) await saveCheckpoint(at)
    }
    return { counted: to, from: checkpoint ?? 0 }
  },
}
