/** What is kept of an attempt that hung, or was debugged: masked, bounded, and without its environment. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ArtifactStore } from '../files/artifacts.ts'
import { readSafely } from '../files/read-safely.ts'
import { maskText } from '../mask/json.ts'
import type { Needles } from '../mask/needles.ts'
import type { Portrait } from '../process/portrait.ts'
import { DIAGNOSTICS } from '../protocol/messages.ts'
import type { Clock } from '../system/clock.ts'
import type { Logger } from '../system/logger.ts'
import type { Artifact } from '../task/artifact.ts'
import type { Attempt } from '../task/attempt.ts'
import type { Ending } from '../task/endings.ts'

export interface DiagnosticsDeps {
  readonly artifacts: Pick<ArtifactStore, 'put'>
  readonly clock: Pick<Clock, 'now'>
  readonly logger: Logger
}

/** What was seen of a process that hung, before it was asked to end. */
export interface Sight {
  readonly processes: readonly Portrait[]
}

export interface Subject {
  readonly attempt: Attempt
  /** Undefined when it did not hang. */
  readonly sight: Sight | undefined
  /** Where its worker writes about itself. */
  readonly directory: string
  readonly lastOutput: string
  readonly needles: Needles
}

const mostBytes = 4 * 1024 * 1024

/** It did not end by itself: its time was over, and nobody knows what for. */
export function hasHung({ cause }: Ending): boolean {
  return cause === 'silence' || cause === 'run_time'
}

/** It spins, and has not even said so when it was asked to: its event loop does not turn. */
export function isDeaf(ending: Ending, directory: string): boolean {
  const doing = 'details' in ending ? ending.details.doing : undefined
  return doing === 'spinning' && !existsSync(join(directory, DIAGNOSTICS.report))
}

/** An attempt is settled whatever becomes of them. */
export async function keepDiagnostics(subject: Subject, deps: DiagnosticsDeps): Promise<readonly Artifact[]> {
  const { attempt, sight, directory, needles } = subject
  const { artifacts, clock, logger } = deps
  const kept: Artifact[] = []
  try {
    for (const [name, text] of await textsOf(attempt, sight, directory, subject.lastOutput)) {
      const bytes = Buffer.from(maskText(text, needles))
      const file = { name: `diagnostics/${name}`, contentType: 'application/json' }
      kept.push(await artifacts.put(attempt.task.id, file, bytes, clock.now()))
    }
  } catch (err) {
    logger.warn({ err, task: attempt.task.id }, 'diagnostics could not be kept')
  }
  return kept
}

async function textsOf(
  attempt: Attempt,
  sight: Sight | undefined,
  directory: string,
  lastOutput: string,
): Promise<readonly (readonly [string, string])[]> {
  const read = (name: string) => readSafely(directory, name, mostBytes)
  const texts: [string, string | undefined][] = []
  if (sight) texts.push([DIAGNOSTICS.report, reportOf(attempt, sight, lastOutput, await read(DIAGNOSTICS.report))])
  if (attempt.task.debug) {
    for (const name of [DIAGNOSTICS.profile, DIAGNOSTICS.heap]) texts.push([name, await read(name)])
  }
  return texts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]))
}

function reportOf({ task, number, ending }: Attempt, { processes }: Sight, lastOutput: string, own?: string): string {
  const { id, kind, isolation } = task
  const why = ending && 'details' in ending ? { message: ending.message, ...ending.details } : {}
  return JSON.stringify({
    task: id,
    kind,
    attempt: number,
    isolation,
    ...why,
    processes,
    lastOutput,
    stack: stackIn(lastOutput),
    worker: parse(own),
  })
}

const mostFrames = 100

/** The JavaScript that it ran when it was interrupted, the innermost first; null where it was not, or did not tell. */
function stackIn(output: string): readonly string[] | null {
  const lines = output.split('\n')
  const at = lines.findLastIndex((line) => line.startsWith('KEYBOARD_INTERRUPT: '))
  const frames = lines.slice(at + 1).filter((line) => /^ {4}at /.test(line))
  return at < 0 || frames.length === 0 ? null : frames.slice(0, mostFrames).map((line) => line.trim())
}

/** Null where the worker wrote nothing, as one whose event loop is blocked, or nothing that can be read. */
function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? null : JSON.parse(text)
  } catch {
    return null
  }
}
