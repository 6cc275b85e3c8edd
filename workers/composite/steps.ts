/**
 * Work of which each step is a task of its own: it has its process, its retries and its place in the queue, and what has
 * ended is not done again, whoever dies meanwhile. Whoever has the steps done is suspended, without process and slot, until
 * one more of them can begin.
 */
import type { Json, JsonObject } from '../../src/task/json.ts'
import type { Child } from '../children.ts'
import type { Context } from '../context.ts'
import type { Finding } from '../lint/report.ts'

/** What a step comes to, from what its task returned. */
export interface Verdict {
  /** One sentence, for persons. */
  readonly says: string
  readonly isGood: boolean
  /** Out of 100. */
  readonly score?: number
  readonly findings?: readonly Finding[]
}

export interface Step {
  /** The key of the child, too. */
  readonly key: string
  /** In reports. */
  readonly title: string
  readonly request: {
    readonly kind: string
    readonly input: JsonObject
    readonly secrets?: Readonly<Record<string, string>>
  }
  /** Keys of those that must be good before it begins. */
  readonly needs?: readonly string[]
  judge(result: Json): Verdict
}

export interface StepEnd {
  readonly key: string
  readonly title: string
  readonly kind: string
  /** Null of one that was not begun. */
  readonly task: string | null
  readonly state: 'succeeded' | 'failed' | 'cancelled' | 'skipped'
  readonly isGood: boolean
  readonly says: string
  /** Out of 100; null of one that was skipped. */
  readonly score: number | null
  readonly findings: readonly Finding[]
  readonly result: Json
}

export interface Progression {
  readonly begin: readonly Step[]
  readonly running: readonly (Step & { readonly id: string })[]
  readonly ended: readonly StepEnd[]
}

/** `refused`: why there is no task for a step. */
export function progressionOf(
  steps: readonly Step[],
  children: readonly Child[],
  refused: ReadonlyMap<string, string> = new Map(),
): Progression {
  const ends = new Map<string, StepEnd>()
  const [begin, running]: [Step[], (Step & { id: string })[]] = [[], []]
  for (const step of steps) {
    const child = children.find(({ key }) => key === step.key)
    const refusal = refused.get(step.key)
    const needed = (step.needs ?? []).map((key) => ends.get(key))
    if (child && !isSettled(child)) running.push({ ...step, id: child.id })
    else if (child) ends.set(step.key, endOf(step, child))
    else if (refusal !== undefined) ends.set(step.key, withoutTask(step, 'failed', refusal))
    else if (needed.some((end) => end && !end.isGood)) ends.set(step.key, skipped(step, needed))
    else if (needed.every((end) => end?.isGood)) begin.push(step)
  }
  return { begin, running, ended: [...ends.values()] }
}

function isSettled({ state }: Child): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled'
}

function endOf(step: Step, { id, state, result, error }: Child): StepEnd {
  const verdict: Verdict =
    state === 'succeeded' ? step.judge(result) : { isGood: false, says: error?.message ?? `its task was ${state}` }
  return {
    ...named(step),
    task: id,
    state: state as StepEnd['state'],
    isGood: verdict.isGood,
    says: verdict.says,
    score: verdict.score ?? (verdict.isGood ? 100 : 0),
    findings: verdict.findings ?? [],
    result,
  }
}

function skipped(step: Step, needed: readonly (StepEnd | undefined)[]): StepEnd {
  const bad = needed.flatMap((end) => (end && !end.isGood ? [end.title] : []))
  return withoutTask(step, 'skipped', `not begun, because of: ${bad.join(', ')}`)
}

function withoutTask(step: Step, state: 'failed' | 'skipped', says: string): StepEnd {
  const score = state === 'failed' ? 0 : null
  return { ...named(step), task: null, state, isGood: false, says, score, findings: [], result: null }
}

function named({ key, title, request }: Step) {
  return { key, title, kind: request.kind }
}

/** Ends this process as long as steps run; returns when all have ended. */
export async function runSteps(context: Context<unknown>, steps: readonly Step[]): Promise<readonly StepEnd[]> {
  const refused = new Map<string, string>()
  for (;;) {
    const { begin, running, ended } = progressionOf(steps, await context.children(), refused)
    for (const step of begin) await submit(context, step, refused)
    if (begin.length > 0) continue
    if (running.length === 0) return ended
    const names = running.map(({ title }) => title).join(', ')
    context.progress({
      phase: 'waiting',
      percent: Math.floor((100 * ended.length) / steps.length),
      done: ended.length,
      total: steps.length,
      unit: 'steps',
      message: names,
    })
    context.log.info(`waiting for ${names}`)
    context.suspend({ children: running.map(({ id }) => id) })
  }
}

/** A step that is refused for good ends there; the others go on. */
async function submit(context: Context<unknown>, { key, request }: Step, refused: Map<string, string>): Promise<void> {
  try {
    await context.submit(key, request)
  } catch (error) {
    if (!(error instanceof Error) || (error as { retryable?: boolean }).retryable !== false) throw error
    context.log.error(`${key} is refused: ${error.message}`)
    refused.set(key, error.message)
  }
}
