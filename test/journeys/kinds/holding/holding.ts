import type { Context } from '../../../../workers/context.ts'

/** Uses its secret, wipes what it used when it is asked to, says so, and stays until it is asked to end. */
export default {
  kind: 'holding',
  pool: 'normal',
  input: { type: 'object' },
  secrets: { token: { required: true } },
  async run({ secrets, input, progress, signal }: Context<{ wipe?: boolean; stay?: boolean }>) {
    const bytes = secrets.use('token', (value) => {
      if (input.wipe) value.fill(0)
      return value.length
    })
    progress({ phase: 'used', percent: null })
    if (input.stay) await new Promise((resolve) => signal.addEventListener('abort', resolve))
    return { bytes }
  },
}
