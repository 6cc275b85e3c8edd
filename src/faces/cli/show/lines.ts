import type { ContractEvent } from '../../../contract/event.ts'
import { safeLine } from '../safe.ts'
import { shortId } from '../words.ts'
import { logLineOf } from './log-line.ts'
import { doing, type Seen } from './seen.ts'
import { sentenceOf } from './sentence.ts'
import type { View } from './view.ts'

const progressStepPercent = 10

interface Sink {
  write(text: string): unknown
}

/** Plain lines for logs and pipes: what tasks print on stdout, all else on stderr. */
export class LinesView implements View {
  readonly #io: Readonly<Record<'stdout' | 'stderr', Sink>>
  readonly #several: boolean
  readonly #shown = new Map<string, string>()

  constructor(io: Readonly<Record<'stdout' | 'stderr', Sink>>, several: boolean) {
    this.#io = io
    this.#several = several
  }

  add(): void {}

  event(event: ContractEvent, seen: Seen): void {
    const line = logLineOf(event, this.#several ? `${shortId(seen.id)} ` : '')
    if (line) this.#io[line.to].write(line.text)
    else if (event.type === 'task.progress') this.#progress(seen)
    else this.#say(seen, sentenceOf(event, seen))
  }

  note(seen: Seen, sentence: string): void {
    this.#say(seen, sentence)
  }

  tell(sentence: string): void {
    this.#io.stdout.write(`${safeLine(sentence)}\n`)
  }

  leave({ id }: Seen): void {
    this.#shown.delete(id)
  }

  close(): void {}

  /** Not every one: a log has no use for a thousand lines of per cents. */
  #progress(seen: Seen): void {
    const { id, phase, message, percent, count } = seen
    const step = percent === null ? message : Math.floor(percent / progressStepPercent)
    const what = `${phase} ${step}`
    if (this.#shown.get(id) === what) return
    this.#shown.set(id, what)
    this.#say(seen, [doing(seen), percent === null ? '' : `${Math.floor(percent)}%`, count].filter(Boolean).join('  '))
  }

  #say({ name }: Seen, sentence: string | undefined): void {
    if (sentence !== undefined) this.#io.stderr.write(`${safeLine(`${name} ${sentence}`)}\n`)
  }
}
