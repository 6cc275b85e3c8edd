import type { Bound, Bounds } from '../access/bounds.ts'
import type { TaskRequest } from '../contract/request.ts'
import { Refusal } from '../task/errors.ts'
import type { Limits } from '../task/task.ts'

/**
 * The limits of a task: what the request asks for, else its kind's. Refuses more than there can ever be. A kind's own run
 * time is cut to what is allowed, since it is a bound and no demand.
 */
export function limitsOf(asked: TaskRequest['limits'] = {}, kind: Limits, bounds: Bounds): Limits {
  const limits = { ...kind, ...asked }
  if (asked.runSeconds !== undefined) refuseBeyond(asked.runSeconds, bounds.runSeconds, runTime)
  refuseBeyond(limits.memoryMiB, bounds.memoryMiB, memory)
  return { ...limits, runSeconds: Math.min(limits.runSeconds, bounds.runSeconds.most) }
}

type Sentence = (asked: number, bound: Bound) => string

const runTime: Sentence = (asked, { most, whose }) =>
  `limits.runSeconds is ${asked}, and a task of ${whose} may run for ${most} s: ask for less`

const memory: Sentence = (asked, { most, whose }) =>
  `limits.memoryMiB is ${asked}, and all tasks of ${whose} have ${most} together, so it could never start: ask for less`

function refuseBeyond(asked: number, bound: Bound, sentence: Sentence): void {
  if (asked > bound.most) throw new Refusal('INVALID_INPUT', sentence(asked, bound))
}
