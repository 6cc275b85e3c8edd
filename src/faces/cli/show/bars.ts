import type { ContractEvent } from '../../../contract/event.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { safeLine } from '../safe.ts'
import { shortId } from '../words.ts'
import { barOf } from './bar.ts'
import { logLineOf } from './log-line.ts'
import { type Seen, seenAtFirst } from './seen.ts'
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

  add(task: ContractTask): void {
    this.#seen.set(task.id, seenAtFirst(task))
    this.#draw()
  }

  event(task: ContractTask, event: ContractEvent, seen: Seen): void {
    this.#seen.set(task.id, seen)
    const line = logLineOf(event, this.#several ? `${shortId(task.id)} ` : '')
    if (line) this.#above(line.to, line.text)
  }

  note({ kind, id }: ContractTask, sentence: string): void {
    this.#above('stderr', `${safeLine(`${kind} ${shortId(id)} ${sentence}`)}\n`)
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
    const { columns = fallbackColumns, rows = fallbackRows } = this.#io.stderr
    const bars = [...this.#seen.values()].map((seen) => barOf(seen, columns - 1, Date.now()))
    const room = Math.max(1, rows - 2)
    // Those that still move are at the end, where the newest tasks are.
    const lines = bars.length <= room ? bars : [`… and ${bars.length - room + 1} more`, ...bars.slice(1 - room)]
    this.#io.stderr.write(`${this.#erasure()}${lines.map((line) => `${line}\n`).join('')}`)
    this.#drawnLines = lines.length
  }

  #erasure(): string {
    const lines = this.#drawnLines
    this.#drawnLines = 0
    return lines === 0 ? '' : `\u001b[${lines}A\r\u001b[J`
  }
}
