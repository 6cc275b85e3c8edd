import type { ContractEvent } from '../../../contract/event.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { safeLine } from '../safe.ts'
import { shortId } from '../words.ts'
import { logLineOf } from './log-line.ts'
import type { Seen } from './seen.ts'
import { sentenceOf } from './sentence.ts'
import type { Screen, View } from './view.ts'

const progressStepPercent = 10

/** Plain lines for logs and pipes: what tasks print on stdout, all else on stderr. */
export class LinesView implements View {
  readonly #io: Screen
  readonly #several: boolean
  readonly #shown = new Map<string, string>()

  constructor(io: Screen, several: boolean) {
    this.#io = io
    this.#several = several
  }

  add(): void {}

  event(task: ContractTask, event: ContractEvent, seen: Seen): void {
    const line = logLineOf(event, this.#several ? `${shortId(task.id)} ` : '')
    if (line) this.#io[line.to].write(line.text)
    else if (event.type === 'task.progress') this.#progress(task, seen)
    else this.#say(task, sentenceOf(event, seen))
  }

  note(task: ContractTask, sentence: string): void {
    this.#say(task, sentence)
  }

  close(): void {}

  /** Not every one: a log has no use for a thousand lines of per cents. */
  #progress(task: ContractTask, { phase, percent, count }: Seen): void {
    const step = percent === null ? '' : Math.floor(percent / progressStepPercent)
    const what = `${phase} ${step}`
    if (this.#shown.get(task.id) === what) return
    this.#shown.set(task.id, what)
    this.#say(task, [phase, percent === null ? '' : `${Math.floor(percent)}%`, count].filter(Boolean).join('  '))
  }

  #say({ id, kind }: ContractTask, sentence: string | undefined): void {
    if (sentence !== undefined) this.#io.stderr.write(`${safeLine(`${kind} ${shortId(id)} ${sentence}`)}\n`)
  }
}
