import type { ContractAttempt } from '../../../contract/attempt.ts'
import { table } from '../output.ts'
import { duration } from '../words.ts'

/** What each attempt of a task came to and cost; nothing where there was none. */
export function attemptsText(attempts: readonly ContractAttempt[]): string {
  if (attempts.length === 0) return ''
  return table(
    ['ATTEMPT', 'OUTCOME', 'CODE', 'TOOK', 'CPU', 'PEAK MEMORY', 'WRITTEN', 'OUTPUT', 'PROCESSES'],
    attempts.map(({ number, outcome, error, usage }) => [
      number,
      outcome ?? 'running',
      error?.code ?? null,
      ...(usage
        ? [
            duration(usage.wallSeconds * 1000),
            cpu(usage.cpuSeconds),
            mebibytes(usage.peakRssMiB),
            mebibytes(usage.writtenMiB),
            mebibytes(usage.outputMiB),
            usage.peakProcesses,
          ]
        : []),
    ]),
  )
}

/** Most take less than a tenth of a second. */
function cpu(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(2)} s` : duration(seconds * 1000)
}

function mebibytes(count: number): string {
  return `${Number(count.toFixed(count < 10 ? 2 : 0))} MiB`
}
