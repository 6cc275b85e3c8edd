import { OUTCOMES } from '../task/endings.ts'
import { closed, Moment, nullable } from './fragments.ts'
import { type Static, Type } from './schema.ts'
import { ContractError } from './task.ts'

const figure = (description: string) => Type.Number({ description })

export const ContractUsage = closed({
  wallSeconds: figure('from its birth to its end'),
  cpuSeconds: figure('of all its processes'),
  peakRssMiB: figure('the most memory that was seen of it'),
  writtenMiB: figure('what it had written to disks'),
  outputMiB: figure('what it printed and reported'),
  peakProcesses: figure('the most processes that were seen of it at once'),
})

/** One try at a task, and what it cost. */
export const ContractAttempt = closed({
  number: Type.Integer({ minimum: 1 }),
  startedAt: Moment,
  endedAt: nullable(Moment),
  outcome: nullable(Type.Enum([...OUTCOMES])),
  error: nullable(ContractError),
  usage: nullable(
    ContractUsage,
    'null while it runs, and where it was lost with the server before anybody had looked at it',
  ),
  isolation: Type.Integer({ description: 'its isolation level' }),
})

export type ContractAttempt = Static<typeof ContractAttempt>

export const AttemptPage = closed({ items: Type.Array(ContractAttempt) })

export type AttemptPage = Static<typeof AttemptPage>
