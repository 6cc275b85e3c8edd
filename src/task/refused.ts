/**
 * The limits that the kernel holds a task to by refusing more: the task fails by itself, and what it failed with tells
 * for which. The figure that was reached is the limit then; of memory, what it had before.
 */
import type { Limited } from './endings.ts'
import type { TaskError } from './errors.ts'
import { beyond, fileMiBOf } from './limits.ts'
import type { Limits } from './task.ts'

/** What the attempt was held to, and what it used of memory. */
export interface Bounds {
  readonly limits: Limits
  /** The kernel held it to those limits that it can. */
  readonly areKernels: boolean
  readonly peakRssMiB: number
  /** The disk of the machine has no room: whoever found none need not have used up his own. */
  readonly isDiskFull?: boolean
}

/** SIGXFSZ on Linux; a shell passes signal n on as 128 + n. */
const fileSizeSignal = 25

/** By the codes of errors and signals, and by what commands say last that were refused something. */
export function refusalIn(error: TaskError, bounds: Bounds, lastOutput: string): Limited | undefined {
  const { code, message, signal, exitCode } = error
  const { limits, areKernels, peakRssMiB } = bounds
  if (code === 'OUT_OF_MEMORY') return beyond('memoryMiB', peakRssMiB, limits.memoryMiB)
  if (!areKernels) return undefined
  if (code === 'EMFILE') return filesRefused(bounds)
  if (code === 'EFBIG' || exitCode === 128 + fileSizeSignal) return fileRefused(bounds)
  if (code === 'EAGAIN' && /^spawn\b/.test(message)) return processesRefused(bounds)
  if (code === 'ENOMEM') return memoryRefused(bounds)
  if (signal) return refusalBy(signal, bounds) ?? refusalSaid(bounds, lastOutput)
  return exitCode ? refusalSaid(bounds, lastOutput) : undefined
}

/** By the signal that ended a process. */
export function refusalBy(signal: string, bounds: Bounds): Limited | undefined {
  return signal === 'SIGXFSZ' && bounds.areKernels ? fileRefused(bounds) : undefined
}

/** Files in memory have so much of it and no more: whoever wanted more was told that there is no space. */
export function roomRefused(bounds: Bounds, lastOutput: string, error?: TaskError): Limited | undefined {
  const { limits, isDiskFull } = bounds
  if (limits.workspace !== 'memory' || isDiskFull) return undefined
  const said = [error?.code ?? '', error?.message ?? '', lastOutput]
  if (!said.some((text) => /\bENOSPC\b|No space left on device/.test(text))) return undefined
  return beyond('workspaceMiB', limits.workspaceMiB, limits.workspaceMiB)
}

function fileRefused({ limits }: Bounds): Limited {
  return beyond('fileMiB', fileMiBOf(limits), fileMiBOf(limits))
}

function filesRefused({ limits }: Bounds): Limited {
  return beyond('openFiles', limits.openFiles, limits.openFiles)
}

function processesRefused({ limits }: Bounds): Limited {
  return beyond('processes', limits.processes, limits.processes)
}

/** It wanted so much at once that nobody could see it use that: the figure is what it had before. */
function memoryRefused({ limits: { memoryMiB }, peakRssMiB }: Bounds): Limited {
  const { cause, details } = beyond('memoryMiB', peakRssMiB, memoryMiB)
  return { cause, message: `it was refused memory beyond its limit of ${memoryMiB} MiB`, details }
}

/** More lines than this after it, and it coped. */
const lastLines = 4

/** As the C library, shells and the runtimes of Python, C++, Go, Rust, Perl and Node end their lines, or begin them. */
const sayings: readonly (readonly [RegExp, (bounds: Bounds) => Limited])[] = [
  [
    /[:,] cannot allocate (memory|\d+ bytes)\b|: memory exhausted\b|\bout of memory, malloc failed\b|^MemoryError\b/im,
    memoryRefused,
  ],
  [
    /\bstd::bad_alloc\b|^(fatal error: )?(runtime: )?out of memory\b|^memory allocation of \d+ bytes failed/im,
    memoryRefused,
  ],
  [/^RangeError: Array buffer allocation failed/m, memoryRefused],
  [/: too many open files$|\[Errno 24\] Too many open files/im, filesRefused],
  [/: file too large$|\[Errno 27\] File too large|\bfile size limit exceeded\b/im, fileRefused],
  [/\bcannot fork\b|\bfork: (retry: )?resource temporarily unavailable$/im, processesRefused],
  [/\b(os\.fork\(|_fork_exec\()[\s\S]*^BlockingIOError: \[Errno 11\]/m, processesRefused],
  [/^RuntimeError: can't start new thread|\bunable to create (new )?native thread\b/m, processesRefused],
]

function refusalSaid(bounds: Bounds, lastOutput: string): Limited | undefined {
  const last = lastOutput.trimEnd().split('\n').slice(-lastLines).join('\n')
  return sayings.find(([saying]) => saying.test(last))?.[1](bounds)
}
