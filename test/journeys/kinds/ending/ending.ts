import type { Context } from '../../../../workers/context.ts'

interface Input {
  readonly end: 'success' | 'failure' | 'crash' | 'kill'
}

/** Says its secret in every way that it can, and ends as it is asked to. */
export default {
  kind: 'ending',
  pool: 'normal',
  input: { type: 'object' },
  secrets: { token: { required: true } },
  retry: { maxAttempts: 1 },
  async run({ secrets, input, progress, log }: Context<Input>) {
    const text = secrets.text('token')
    process.stdout.write(`${text}\n`)
    process.stderr.write(`${Buffer.from(text).toString('base64')}\n`)
    log.info(Buffer.from(text).toString('hex'))
    progress({ phase: 'used', percent: null, message: text.slice(0, 64) })
    await new Promise((resolve) => setTimeout(resolve, 20))
    if (input.end === 'failure') throw new Error(`no login with ${text}`)
    if (input.end === 'crash') process.exit(3)
    if (input.end === 'kill') process.kill(process.pid, 'SIGKILL')
    return { said: text.slice(0, 64) }
  },
}
