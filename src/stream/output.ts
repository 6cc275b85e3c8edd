import type { Readable } from 'node:stream'
import { flushMs, Masker } from '../mask/masker.ts'
import type { Needles } from '../mask/needles.ts'
import type { Clock } from '../system/clock.ts'
import type { Attempt } from '../task/attempt.ts'
import { beyond } from '../task/limits.ts'
import type { NewEvent } from '../task/task.ts'
import type { Vitals } from '../task/vitals.ts'
import { LineSplitter } from './lines.ts'
import type { Recorder } from './recorder.ts'

/** More lines than this in one read share events: a flood of short lines must not cost a row each. */
const maxLinesApart = 2_048
const maxTextCharacters = 16 * 1024

export interface OutputDeps {
  readonly attempt: Attempt
  readonly recorder: Recorder
  readonly vitals: Vitals
  /** What must not be stored or shown. */
  readonly needles: Needles
  /** Monotonic milliseconds. */
  readonly now: () => number
  readonly after: Clock['after']
}

/**
 * Turns what a task prints into log events, line by line, at the journal's pace: while that is behind, nothing more is
 * read, and the task waits at its pipe. Its secrets are masked in the bytes, before these become lines or text.
 * Resolves when the stream has ended.
 */
export function streamOutput(
  stream: Readable,
  name: 'stdout' | 'stderr',
  { attempt, recorder, vitals, needles, now, after }: OutputDeps,
): Promise<void> {
  const masker = new Masker(needles)
  const splitter = new LineSplitter()
  let disarm = () => {}
  const record = (lines: readonly string[]) => {
    if (lines.length === 0) return
    vitals.printed(lines.slice(-100).join('\n'))
    recorder.note(toEvents(lines, name, recorder))
  }
  const take = (chunk: Buffer) => {
    const shown = masker.push(chunk)
    record(splitter.push(shown))
    if (shown !== chunk) chunk.fill(0)
    disarm()
    if (masker.isHolding) disarm = after(flushMs, () => record(splitter.push(masker.flush())))
  }
  stream.on('data', (chunk: Buffer) => {
    vitals.sign(now())
    if (countOutput(chunk.length, attempt, vitals)) {
      take(chunk)
      waitForJournal(stream, { recorder, vitals, now })
    } else {
      chunk.fill(0)
    }
  })
  return new Promise((resolve) => {
    stream.once('close', () => {
      disarm()
      record([...splitter.push(masker.end()), ...splitter.end()])
      resolve()
    })
  })
}

/** False when the attempt has said more than it may: what follows is read, so that the process can end, but not kept. */
export function countOutput(bytes: number, attempt: Attempt, vitals: Vitals): boolean {
  const { outputMiB } = attempt.task.limits
  vitals.output(bytes)
  if (vitals.outputMiB <= outputMiB) return true
  attempt.end(beyond('outputMiB', vitals.outputMiB, outputMiB))
  return false
}

/** Stops reading until the journal has caught up; that silence is ours, not the task's. */
export function waitForJournal(
  stream: Readable,
  { recorder, vitals, now }: Pick<OutputDeps, 'recorder' | 'vitals' | 'now'>,
): void {
  const pressure = recorder.pressure()
  if (!pressure) return
  stream.pause()
  vitals.holdUp()
  void pressure.then(() => {
    vitals.goOn(now())
    stream.resume()
  })
}

function toEvents(lines: readonly string[], stream: string, recorder: Recorder): NewEvent[] {
  const texts = lines.length > maxLinesApart ? gather(lines) : lines
  return texts.map((text) => recorder.event('task.log', { stream, text }))
}

/** Joins lines to texts of a bounded size. */
function gather(lines: readonly string[]): string[] {
  const texts: string[] = []
  let [from, length] = [0, 0]
  for (const [at, line] of lines.entries()) {
    if (at > from && length + line.length > maxTextCharacters) {
      texts.push(lines.slice(from, at).join('\n'))
      from = at
      length = 0
    }
    length += line.length + 1
  }
  return [...texts, lines.slice(from).join('\n')]
}
