import { closed } from './fragments.ts'
import { type Static, Type } from './schema.ts'

export const Liveness = closed({ status: Type.Literal('ok') })

/** Whether this node takes work, and what it offers. */
export const Readiness = closed({
  ready: Type.Boolean(),
  reason: Type.Optional(Type.String({ description: 'why it is not ready' })),
  node: Type.String(),
  store: Type.String({ description: 'where tasks are kept, and whether it has room' }),
  standby: closed({
    waiting: Type.Integer({ description: 'workers that wait, blank, for their one task' }),
    failing: Type.Boolean({
      description: 'some that are to wait do not come up: tasks that would take them wait for their own to start',
    }),
  }),
  isolation: closed({
    level: Type.Integer(),
    name: Type.String(),
    failing: Type.Boolean({
      description: 'what stands around workers does not work any more: no task starts until it does',
    }),
  }),
  retainSeconds: Type.Optional(Type.Number({ description: 'how long tasks stay once they have ended' })),
})

export type Readiness = Static<typeof Readiness>
