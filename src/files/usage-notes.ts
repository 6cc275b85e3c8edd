import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { isWorkerId } from '../system/ids.ts'
import type { Usage } from '../task/endings.ts'

/**
 * As long as any: a note is written over the one before in one piece, so that a kill at any moment leaves one or the
 * other. It is not forced to the disk: an orchestrator that is killed loses nothing by that, and a power cut may.
 */
const noteBytes = 256
/** Below level 2 a task may have put something else in its place: neither followed nor waited for. */
const careful = constants.O_NOFOLLOW | constants.O_NONBLOCK
const onward = constants.O_WRONLY | constants.O_CREAT | careful

/**
 * What each running attempt has used, as it was last looked up. Its settlement says more; the note is for an attempt
 * that is lost with the orchestrator, of which nobody else knows any more what it cost.
 */
export class UsageNotes {
  readonly #root: string
  readonly #written = new Set<string>()

  constructor(root: string) {
    this.#root = root
    mkdirSync(root, { recursive: true, mode: 0o700 })
  }

  /** Where there is no room what was noted before stays: no task is to fail for it. */
  note(worker: string, usage: Usage): void {
    let file: number | undefined
    try {
      file = openSync(join(this.#root, worker), onward, 0o600)
      this.#written.add(worker)
      writeSync(file, JSON.stringify(usage).padEnd(noteBytes))
    } catch {
    } finally {
      if (file !== undefined) closeSync(file)
    }
  }

  /** Undefined where nobody looked, or the note is damaged. */
  read(worker: string): Usage | undefined {
    try {
      const { wallSeconds, cpuSeconds, peakRssMiB, writtenMiB, outputMiB, peakProcesses } = JSON.parse(
        textOf(join(this.#root, worker)),
      )
      const usage = { wallSeconds, cpuSeconds, peakRssMiB, writtenMiB, outputMiB, peakProcesses }
      return Object.values(usage).every((figure) => Number.isFinite(figure) && figure >= 0) ? usage : undefined
    } catch {
      return undefined
    }
  }

  /** The attempt has settled, or never was one. One that stays behind is gone with the next start. */
  forget(worker: string): void {
    if (!this.#written.delete(worker)) return
    try {
      unlinkSync(join(this.#root, worker))
    } catch {}
  }

  /** Workers of an earlier start of which there is a note, to be forgotten when their attempts have settled. */
  leftover(): string[] {
    const workers = readdirSync(this.#root).filter(isWorkerId)
    for (const worker of workers) this.#written.add(worker)
    return workers
  }
}

function textOf(path: string): string {
  const file = openSync(path, constants.O_RDONLY | careful)
  try {
    if (!fstatSync(file).isFile()) return ''
    const bytes = Buffer.alloc(noteBytes)
    return bytes.toString('utf8', 0, readSync(file, bytes))
  } finally {
    closeSync(file)
  }
}
