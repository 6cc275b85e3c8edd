import type { Context } from '../../../workers/context.ts'

/** Says as much as it is asked to, as fast as it can. */
export default {
  kind: 'chatter',
  title: 'Emit events',
  pool: 'normal',
  input: { type: 'object', properties: { events: { type: 'integer' } } },
  run({ input, log }: Context<{ events: number }>): null {
    for (let event = 1; event <= input.events; event++) log.info(`step ${event} of a build that says what it does`)
    return null
  },
}
