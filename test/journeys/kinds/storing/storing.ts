import { setTimeout as sleep } from 'node:timers/promises'
import type { TaskDefinition } from '../../../../workers/author.ts'
import type { Context } from '../../../../workers/context.ts'

interface Input {
  readonly as: string
  readonly bytes?: number
  readonly stay?: boolean
  /** So often at once. */
  readonly times?: number
}

/** Stores what it is lent, and more of it, says so, and ends or stays. */
export default {
  kind: 'storing',
  pool: 'normal',
  input: { type: 'object', required: ['as'], properties: { as: { type: 'string' } } },
  secrets: { token: { required: true } },
  stores: { kept: 'vault:kept/{as}' },
  async run({ secrets, input, progress }: Context<Input>) {
    const more = secrets.use('token', (value) => Buffer.alloc(input.bytes ?? value.length, value))
    await Promise.all(Array.from({ length: input.times ?? 1 }, () => secrets.store('kept', more)))
    more.fill(0)
    const text = secrets.text('token')
    process.stdout.write(`${text}${text}\n`)
    progress({ phase: 'used', percent: null })
    if (input.stay) await sleep(60_000)
    return { said: text }
  },
} satisfies TaskDefinition<Input>
