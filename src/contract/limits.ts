import { closed, seconds } from './fragments.ts'
import { Type } from './schema.ts'

const weekSeconds = 7 * 86_400
const mostCores = 1_024
const tebibyteMiB = 1024 * 1024

const mebibytes = (minimum: number, maximum: number, description: string) =>
  Type.Integer({ minimum, maximum, description: `MiB ${description}` })

/** What one attempt may use; whoever says one of them leaves the others as they are. */
export const TaskLimits = closed({
  runSeconds: seconds(0.1, weekSeconds),
  silenceSeconds: seconds(0.1, weekSeconds),
  cpuSeconds: seconds(0.1, weekSeconds * mostCores),
  memoryMiB: mebibytes(16, tebibyteMiB, 'that its processes take together'),
  outputMiB: mebibytes(1, 10 * 1024, 'that it prints and reports'),
  workspaceMiB: mebibytes(1, tebibyteMiB, 'of all its files'),
  fileMiB: mebibytes(1, tebibyteMiB, 'of one file'),
  openFiles: Type.Integer({ minimum: 64, maximum: 1_000_000, description: 'of one process' }),
  processes: Type.Integer({ minimum: 1, maximum: 100_000, description: 'at once, its own among them' }),
})
