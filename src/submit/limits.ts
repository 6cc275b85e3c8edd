import type { Bound, Bounds } from '../access/bounds.ts'
import type { TaskRequest } from '../contract/request.ts'
import { Refusal } from '../task/errors.ts'
import { filesInMemoryMiB, LIMIT_NAMES, type LimitName } from '../task/limits.ts'
import type { Limits } from '../task/task.ts'

/**
 * The limits of a task: what the request asks for, else its kind's. Refuses more than there can ever be. A kind's own are
 * cut to what is allowed, since they are bounds and no demands; but not its memory, which it may need. Where nothing is
 * asked and nothing cut they are the very object that its kind has, so that the journal writes it out once for all.
 */
export function limitsOf(asked: TaskRequest['limits'], kind: Limits, bounds: Bounds): Limits {
  const limits = asked ? { ...kind, ...asked } : kind
  if (asked?.runSeconds !== undefined) refuseBeyond(asked.runSeconds, bounds.runSeconds, runTime)
  refuseBeyond(limits.memoryMiB, bounds.memoryMiB, memory)
  refuseBeyond(limits.memoryMiB + filesInMemoryMiB(limits), bounds.memoryMiB, memoryAndFiles(limits.workspaceMiB))
  refuseBeyondMaximum('memoryMiB', limits.memoryMiB, bounds.maxima.memoryMiB)
  if (asked) for (const name of LIMIT_NAMES) refuseBeyondMaximum(name, asked[name], bounds.maxima[name])
  return isAllowed(limits, bounds) ? limits : cut(limits, bounds)
}

function isAllowed(limits: Limits, { runSeconds, maxima }: Bounds): boolean {
  return limits.runSeconds <= runSeconds.most && LIMIT_NAMES.every((name) => isWithin(limits[name], maxima[name]))
}

/** What is open counts as the most there is. */
function isWithin(limit: number | null, most: number | null): boolean {
  return most === null || (limit !== null && limit <= most)
}

function cut(limits: Limits, { runSeconds, maxima }: Bounds): Limits {
  const within = LIMIT_NAMES.flatMap((name) => {
    const most = maxima[name]
    return most === null ? [] : [[name, Math.min(limits[name] ?? most, most)] as const]
  })
  const least = { ...limits, ...Object.fromEntries(within) }
  return { ...least, runSeconds: Math.min(least.runSeconds, runSeconds.most) }
}

type Sentence = (asked: number, bound: Bound) => string

const runTime: Sentence = (asked, { most, whose }) =>
  `limits.runSeconds is ${asked}, and a task of ${whose} may run for ${most} s: ask for less`

const memory: Sentence = (asked, { most, whose }) =>
  `limits.memoryMiB is ${asked}, and all tasks of ${whose} have ${most} together, so it could never start: ask for less`

const memoryAndFiles =
  (workspaceMiB: number): Sentence =>
  (asked, { most, whose }) =>
    `limits.memoryMiB and limits.workspaceMiB, whose ${workspaceMiB} MiB are in memory too, are ${asked}, and all tasks of ${whose} have ${most} together, so it could never start: ask for less`

function refuseBeyond(asked: number, bound: Bound, sentence: Sentence): void {
  if (asked > bound.most) throw new Refusal('INVALID_INPUT', sentence(asked, bound))
}

function refuseBeyondMaximum(name: LimitName, asked: number | undefined, most: number | null): void {
  if (asked === undefined || most === null || asked <= most) return
  throw new Refusal('INVALID_INPUT', `limits.${name} is ${asked}, and this server allows ${most}: ask for less`)
}
