/** Schemas of what tasks may use: what they get that ask for nothing, and the most that they may ask for. */
import { closed, nullable } from '../contract/fragments.ts'
import { TaskLimits } from '../contract/limits.ts'
import type { Static } from '../contract/schema.ts'

const { runSeconds, silenceSeconds, cpuSeconds, memoryMiB, outputMiB, workspaceMiB, fileMiB, openFiles, processes } =
  TaskLimits.properties

export const LimitDefaults = closed(
  {
    runSeconds,
    silenceSeconds,
    cpuSeconds: nullable(cpuSeconds, 'null: no limit'),
    memoryMiB,
    outputMiB,
    workspaceMiB,
    fileMiB: nullable(fileMiB, 'null: as much as workspaceMiB'),
    openFiles,
    processes,
  },
  'what tasks may use whose kind and request say nothing',
)

export type LimitDefaults = Static<typeof LimitDefaults>

const none = 'null: no bound'

export const LimitMaxima = closed(
  {
    runSeconds: nullable(runSeconds, none),
    silenceSeconds: nullable(silenceSeconds, none),
    cpuSeconds: nullable(cpuSeconds, none),
    memoryMiB: nullable(memoryMiB, none),
    outputMiB: nullable(outputMiB, none),
    workspaceMiB: nullable(workspaceMiB, none),
    fileMiB: nullable(fileMiB, none),
    openFiles: nullable(openFiles, none),
    processes: nullable(processes, none),
  },
  'the most that any task may ask for',
)

export type LimitMaxima = Static<typeof LimitMaxima>
