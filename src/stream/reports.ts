import type { Readable } from 'node:stream'
import { checkpointRefusal } from '../mask/report.ts'
import { decodeJson, decodeMask, decodeStore, FRAME, type Frame } from '../protocol/frame.ts'
import type { WorkerUsage } from '../protocol/messages.ts'
import { BrokenFrame, FrameParser } from '../protocol/parser.ts'
import { zeroableCopy } from '../system/zeroable.ts'
import type { Attempt } from '../task/attempt.ts'
import type { Ending } from '../task/endings.ts'
import type { Inquiries } from './inquiries.ts'
import { countOutput, type OutputDeps, waitForJournal } from './output.ts'
import { parseReport, parseUsage, type Report } from './report.ts'

export interface ReportDeps extends OutputDeps {
  /** Tells the worker that its checkpoint of this number is durable. */
  readonly acknowledge: (number: number) => void
  /** Tells the worker why what it sent under this number was not done. */
  readonly refuse: (number: number, message: string) => void
  /** Has a value masked from now on, and wiped with the secrets; takes it over. */
  readonly addSecret: (value: Buffer) => void
  readonly inquiries: Inquiries
  /** Is told how many of Node's modules the task had loaded. */
  readonly hasLoaded: (builtins: number) => void
  /** What it means that the worker ends before it has read its task. */
  readonly neverReady: Ending
}

/**
 * Reads what a worker reports on fd 4: its first word, its events, its ending. Whatever breaks the protocol ends the
 * attempt, and so does a channel that closes without an ending. Resolves when the channel has closed and all that
 * was asked over it is done.
 */
export function streamReports(reports: Readable, deps: ReportDeps): Promise<void> {
  const parser = new FrameParser()
  const reader = new ReportReader(deps)
  reports.on('data', (chunk: Buffer) => {
    const isKept = countOutput(chunk.length, deps.attempt, deps.vitals)
    if (isKept) guard(deps.attempt, () => readAll(parser.push(chunk), reader))
    else parser.forget()
    // Frames have bytes of their own, and what a task wants masked comes in one: nothing of it stays behind here.
    chunk.fill(0)
    if (isKept) waitForJournal(reports, deps)
  })
  return new Promise((resolve) => {
    reports.once('close', () => {
      guard(deps.attempt, () => parser.end())
      parser.forget()
      deps.attempt.end(reader.endingAtClose())
      void deps.inquiries.answered.then(resolve)
    })
  })
}

function readAll(frames: Iterable<Frame>, reader: ReportReader): void {
  for (const frame of frames) reader.read(frame)
}

function guard(attempt: Attempt, read: () => void): void {
  try {
    read()
  } catch (error) {
    // Whatever it is that could not be read: what a worker says must never be the end of the orchestrator.
    const message = error instanceof BrokenFrame ? error.message : 'it sent what cannot be read'
    attempt.end({ cause: 'broken_frame', message })
  }
}

const nothing = new Uint8Array(0)
const unsaved = { code: 'TASK_FAILED', message: checkpointRefusal, retryable: false }

class ReportReader {
  readonly #deps: ReportDeps

  constructor(deps: ReportDeps) {
    this.#deps = deps
  }

  /** What it means that the worker reports nothing any more. */
  endingAtClose(): Ending {
    return this.#deps.vitals.isReady ? { cause: 'exit' } : this.#deps.neverReady
  }

  read(frame: Frame): void {
    // That its loop turns is no sign of its task.
    if (frame.type !== FRAME.BEAT) this.#deps.vitals.sign(this.#deps.now())
    if (frame.type === FRAME.BORN) this.#used(parseUsage(toJson(frame)))
    else if (frame.type === FRAME.BEAT) this.#beat(frame)
    else if (frame.type === FRAME.READY) this.#ready(frame)
    else if (frame.type === FRAME.MASK) this.#mask(frame)
    else if (frame.type === FRAME.STORE) this.#store(frame)
    else this.#take(parseReport(frame.type, toJson(frame), this.#deps.needles))
  }

  #beat(frame: Frame): void {
    const { lagMs } = (toJson(frame) ?? {}) as { readonly lagMs?: unknown }
    this.#deps.vitals.beat(this.#deps.now(), typeof lagMs === 'number' && lagMs >= 0 ? lagMs : 0)
  }

  #ready(frame: Frame): void {
    const { recorder, vitals } = this.#deps
    if (vitals.isReady) return
    vitals.ready()
    this.#used(parseUsage(toJson(frame)))
    const started = recorder.event('task.started', {})
    recorder.note([started], { state: 'running', startedAt: started.at })
  }

  /** Acknowledged at once: whatever is read from now on is masked. */
  #mask({ bytes }: Frame): void {
    const { acknowledge, refuse } = this.#deps
    const { number, value } = decodeMask(bytes)
    const refusal = this.#learn(value)
    bytes.fill(0)
    if (refusal === undefined) acknowledge(number)
    else refuse(number, refusal)
  }

  /** Masked at once, and answered when it is durable. */
  #store({ bytes }: Frame): void {
    const { number, name, value } = decodeStore(bytes)
    const refusal = this.#learn(value)
    const own = zeroableCopy(refusal === undefined ? value : nothing)
    bytes.fill(0)
    if (refusal === undefined) this.#deps.inquiries.take({ type: 'store', number, name, value: own })
    else this.#deps.refuse(number, `it is not stored, because it is to be masked: ${refusal}`)
  }

  /** Has it masked from now on; else says why it cannot be. */
  #learn(value: Uint8Array): string | undefined {
    const { needles, addSecret } = this.#deps
    if (needles.has(value)) return undefined
    const refusal = needles.refusalOf(value)
    if (refusal === undefined) addSecret(zeroableCopy(value))
    return refusal
  }

  #take(report: Report): void {
    const { attempt, recorder, vitals, inquiries } = this.#deps
    switch (report.type) {
      case 'progress':
        recorder.note([recorder.event('task.progress', { ...report.progress })], { progress: report.progress })
        return
      case 'log':
        vitals.printed(String(report.data.text))
        recorder.note([recorder.event('task.log', report.data)])
        return
      case 'artifact':
        attempt.keep(report.artifact)
        return
      case 'checkpoint':
        if (report.holdsSecret) this.#deps.refuse(report.number, checkpointRefusal)
        else void this.#save(report.number, report.value)
        return
      case 'submit':
      case 'children':
        inquiries.take(report)
        return
      case 'suspend':
        if (attempt.task.cleaning && report.awaits === null)
          throw new BrokenFrame('a cleanup cannot be suspended but until children have settled')
        if (report.holdsSecret) return void attempt.end({ cause: 'error', error: unsaved })
        recorder.note([recorder.event('task.checkpoint', {})], { checkpoint: report.checkpoint })
        attempt.end({ cause: 'suspend', resumeAt: report.resumeAt, awaits: report.awaits })
        return
      case 'result':
        this.#lastUsed(report.usage)
        attempt.end({ cause: 'result', result: report.result })
        return
      case 'error':
        this.#lastUsed(report.usage)
        attempt.end({ cause: 'error', error: report.error })
        return
    }
  }

  #used({ cpuSeconds, peakRssMiB, writtenMiB }: WorkerUsage): void {
    this.#deps.vitals.used({ cpuSeconds, rssMiB: peakRssMiB, writtenMiB })
  }

  #lastUsed(usage: WorkerUsage): void {
    this.#used(usage)
    this.#deps.hasLoaded(usage.builtins)
  }

  async #save(number: number, checkpoint: Extract<Report, { type: 'checkpoint' }>['value']): Promise<void> {
    const { recorder, acknowledge, vitals, now } = this.#deps
    if (!(await recorder.save([recorder.event('task.checkpoint', {})], { checkpoint }))) return
    vitals.saved(now())
    acknowledge(number)
  }
}

function toJson(frame: Frame): unknown {
  try {
    return decodeJson(frame)
  } catch {
    throw new BrokenFrame(`it sent a frame of type ${frame.type} that is not JSON`)
  }
}
