import { closed, Moment, nullable, PoolName, TenantName } from './fragments.ts'
import { ProcessTime } from './quota.ts'
import { type Static, Type } from './schema.ts'

const number = (description: string) => Type.Integer({ minimum: 0, description })

const PoolStats = closed({
  pool: PoolName,
  slots: number('tasks of this pool that may run at once, when no other pool’s do'),
  free: number('tasks of this pool that could start now'),
  busy: number('tasks of this pool that run'),
  queued: number('tasks of this pool that wait, due or not'),
  standby: number('workers that wait, blank, for a task of this pool; a normal and a batch task may find the same'),
  oldestWaitSeconds: nullable(Type.Number({ description: 'since the oldest task that is due was; null when none is' })),
})

export type PoolStats = Static<typeof PoolStats>

const Scaling = closed(
  {
    most: number('shared slots that there are'),
    usable: number('of these, how many are used now; what runs in others ends by itself'),
    changes: Type.Array(
      closed({ at: Moment, from: number('how many were used before'), to: number('and after'), reason: Type.String() }),
      { description: 'the latest first; 20 are remembered, for as long as the server runs' },
    ),
  },
  'how the shared slots follow the load and memory of the machine',
)

export type Scaling = Static<typeof Scaling>

/** An admin sees the tasks of all, a tenant its own. Slots are the installation's. */
export const PoolList = closed({ pools: Type.Array(PoolStats), scaling: Scaling })

export type PoolList = Static<typeof PoolList>

export const Stats = closed({
  node: Type.String(),
  pools: Type.Array(PoolStats),
  scaling: Scaling,
  tenants: Type.Array(
    closed({
      tenant: TenantName,
      queued: number('tasks that wait'),
      busy: number('tasks that run'),
      processTime: ProcessTime,
    }),
    {
      description: 'those that have tasks that wait or run, the busiest first',
    },
  ),
})

export type Stats = Static<typeof Stats>
