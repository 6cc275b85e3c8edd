import { AttemptPage, type ContractAttempt } from '../../contract/attempt.ts'
import { toMoment } from '../../contract/present.ts'
import type { AttemptRecord } from '../../journal/attempts.ts'
import type { Usage } from '../../task/endings.ts'
import type { App } from '../app.ts'
import type { ServerDeps } from '../deps.ts'
import { findTask } from '../lookup.ts'
import { ById, refusals } from './shapes.ts'

export function attemptRoutes(app: App, { journal }: ServerDeps): void {
  app.get(
    '/tasks/:id/attempts',
    {
      schema: {
        summary: 'List the attempts of a task, and what each cost',
        params: ById,
        response: { 200: AttemptPage, ...refusals },
      },
    },
    async (request): Promise<AttemptPage> => {
      const { id } = await findTask(journal, request.caller.tenant, request.params.id)
      return { items: (await journal.attempts(id)).map(toContractAttempt) }
    },
  )
}

function toContractAttempt({
  number,
  startedAt,
  endedAt,
  outcome,
  error,
  usage,
  isolation,
}: AttemptRecord): ContractAttempt {
  return {
    number,
    startedAt: toMoment(startedAt),
    endedAt: toMoment(endedAt),
    outcome,
    error,
    usage: usage && wholeUsage(usage),
    isolation,
  }
}

/** Stored by an earlier release, an attempt may lack figures that there are by now. */
function wholeUsage({ wallSeconds, cpuSeconds, peakRssMiB, ...usage }: Partial<Usage>): Usage {
  const { writtenMiB = 0, outputMiB = 0, peakProcesses = 0 } = usage
  return {
    wallSeconds: wallSeconds ?? 0,
    cpuSeconds: cpuSeconds ?? 0,
    peakRssMiB: peakRssMiB ?? 0,
    writtenMiB,
    outputMiB,
    peakProcesses,
  }
}
