/** One attempt from its launch to its settlement, with its streams and watchers in between. */

import type { WhyStarted } from './journal/moves.ts'
import { type Adding, type LaunchDeps, launch } from './launch/launch.ts'
import type { Launched } from './launch/launched.ts'
import { type WatchDeps, watch } from './launch/watch.ts'
import type { Worker } from './process/worker.ts'
import { FRAME } from './protocol/frame.ts'
import type { AnswerFrame } from './protocol/messages.ts'
import type { Waiting } from './schedule/waiting.ts'
import { type SettleDeps, type Settling, settle } from './settle/settle.ts'
import { Inquiries, type Inquiry } from './stream/inquiries.ts'
import { streamOutput } from './stream/output.ts'
import { Recorder, type RecorderDeps } from './stream/recorder.ts'
import { streamReports } from './stream/reports.ts'
import type { Attempt } from './task/attempt.ts'
import type { Ending } from './task/endings.ts'
import type { Task } from './task/task.ts'
import { Vitals } from './task/vitals.ts'

export type RunDeps = LaunchDeps &
  WatchDeps &
  RecorderDeps &
  SettleDeps & {
    /** What a running task asks for; throws the Refusal that says why it does not get it. */
    readonly answer: (task: Task, inquiry: Inquiry) => Promise<unknown>
  }

/** An attempt that runs, as far as others may act on it. */
export class Run {
  readonly attempt: Attempt
  #cancelRequested = false

  constructor(attempt: Attempt) {
    this.attempt = attempt
  }

  get cancelRequested(): boolean {
    return this.#cancelRequested
  }

  cancel(reason: string | null): void {
    this.#cancelRequested = true
    this.attempt.end({ cause: 'cancel', reason })
  }
}

/** A task that is to start, and why. */
export type Due = Waiting & {
  readonly why: WhyStarted
  /** When its addition and its claim share a commit. */
  readonly adding?: Adding
}

/** The task as its settlement left it; undefined when there was nothing to claim, or nothing left to settle. */
export async function run(task: Due, deps: RunDeps, begun: (run: Run) => void): Promise<Task | undefined> {
  let settling: Settling | undefined
  try {
    const launched = await launch(task, deps, (launched) => {
      const run = new Run(launched.attempt)
      settling = attend(launched, run, deps)
      begun(run)
    })
    settling?.vitals.told(deps.clock.monotonic())
    const settlement = launched && settling && (await settle(settling, deps))
    if (!settlement) return undefined
    const { task: before } = launched.attempt
    const startedAt = before.startedAt ?? (settling?.vitals.isReady ? deps.clock.now() : null)
    return { ...before, startedAt, ...settlement.change }
  } catch (error) {
    // Nobody watches it any more: its slot is not another's before it is gone.
    settling?.worker?.kill()
    await settling?.worker?.emptied()
    throw error
  } finally {
    // Its settlement did so, unless it failed before it came to that.
    settling?.lease.wipe()
  }
}

/** Attaches streams to an attempt, in the turn in which its claim became durable, and watchers in the next: it is told first. */
function attend(launched: Launched, run: Run, deps: RunDeps): Settling {
  const { attempt, worker, lease } = launched
  const vitals = new Vitals(deps.clock.monotonic())
  const drained = worker ? stream(launched, worker, vitals, deps) : Promise.resolve()
  if (worker) setImmediate(() => watch(attempt, worker, vitals, deps))
  return { attempt, worker, lease, vitals, drained, cancelRequested: () => run.cancelRequested }
}

function stream(
  { attempt, lease, stoodBy }: Launched,
  worker: Worker,
  vitals: Vitals,
  deps: RunDeps,
): Promise<unknown> {
  const { clock } = deps
  const recorder = new Recorder(attempt, deps)
  const output = {
    attempt,
    recorder,
    vitals,
    needles: lease.needles,
    now: () => clock.monotonic(),
    after: clock.after.bind(clock),
  }
  const inquiries = new Inquiries({
    ask: (inquiry) => deps.answer(attempt.task, inquiry),
    reply: (answer) => worker.deliver(FRAME.ANSWER, answer),
    logger: deps.logger,
  })
  const acknowledge = (number: number) => worker.send(FRAME.ACK, { number })
  const refuse = (number: number, message: string) =>
    worker.send(FRAME.ANSWER, { number, refusal: { code: 'INVALID_INPUT', message } } satisfies AnswerFrame)
  const neverReady: Ending = stoodBy
    ? { cause: 'standby_lost' }
    : { cause: 'not_started', message: 'the worker ended before it was ready' }
  const hasLoaded = (builtins: number) => deps.registry.get(attempt.task.kind)?.appetite.note(builtins)
  const addSecret = (value: Buffer) => lease.add(value)
  return Promise.all([
    streamOutput(worker.stdout, 'stdout', output),
    streamOutput(worker.stderr, 'stderr', output),
    streamReports(worker.reports, { ...output, acknowledge, refuse, addSecret, hasLoaded, inquiries, neverReady }),
  ])
}
