import type { ContractEvent } from '../../../contract/event.ts'
import { safeLine } from '../safe.ts'
import { shortId } from '../words.ts'
import { barOf } from './bar.ts'
import { logLineOf } from './log-line.ts'
import type { Seen } from './seen.ts'
import type { Screen, View } from './view.ts'

const drawMs = 100
const fallbackColumns = 80
const fallbackRows = 24

/** A bar for each task at the bottom of the terminal; what the tasks print scrolls by above them. */
export class BarsView implements View {
  readonly #io: Screen
  readonly #several: boolean
  readonly #seen = new Map<string, Seen>()
  readonly #timer: NodeJS.Timeout
  #drawnLines = 0

  constructor(io: Screen, several: boolean) {
    this.#io = io
    this.#several = several
    this.#timer = setInterval(() => this.#draw(), drawMs)
  }

  add(seen: Seen): void {
    this.#seen.set(seen.id, seen)
    this.#draw()
  }

  event(event: ContractEvent, seen: Seen): void {
    this.#seen.set(seen.id, seen)
    const line = logLineOf(event, this.#several ? `${shortId(seen.id)} ` : '')
    if (line) this.#above(line.to, line.text)
  }

  note({ name }: Seen, sentence: string): void {
    this.#above('stderr', `${safeLine(`${name} ${sentence}`)}\n`)
  }

  tell(sentence: string): void {
    this.#above('stdout', `${safeLine(sentence)}\n`)
  }

  /** Its bar scrolls by with what tasks print. */
  leave({ id }: Seen): void {
    const seen = this.#seen.get(id)
    this.#seen.delete(id)
    if (seen) this.#above('stderr', `${barOf(seen, this.#columns, Date.now())}\n`)
  }

  /** The bars stay as they are. */
  close(): void {
    clearInterval(this.#timer)
    this.#draw()
    this.#drawnLines = 0
  }

  /** The bars are gone until they are drawn again. */
  #above(to: 'stdout' | 'stderr', text: string): void {
    this.#io.stderr.write(this.#erasure())
    this.#io[to].write(text)
  }

  #draw(): void {
    const { rows = fallbackRows } = this.#io.stderr
    const bars = [...this.#seen.values()].map((seen) => barOf(seen, this.#columns, Date.now()))
    const room = Math.max(1, rows - 2)
    // Those that still move are at the end, where the newest tasks are.
    const lines = bars.length <= room ? bars : [`… and ${bars.length - room + 1} more`, ...bars.slice(1 - room)]
    this.#io.stderr.write(`${this.#erasure()}${lines.map((line) => `${line}\n`).join('')}`)
    this.#drawnLines = lines.length
  }

  get #columns(): number {
    return (this.#io.stderr.columns ?? fallbackColumns) - 1
  }

  #erasure(): string {
    const lines = this.#drawnLines
    this.#drawnLines = 0
    return lines === 0 ? '' : `\u001b[${lines}A\r\u001b[J`
  }
}
