import type { Io } from './io.ts'
import { harmless, harmlessJson } from './pipeline/disarm.ts'
import { safe, safeLine } from './safe.ts'
import { cut, pad, widthOf } from './width.ts'

/** What a command says: on stdout what was asked for, as JSON or for people; on stderr all else, for people. */
export class Output {
  readonly json: boolean
  readonly #io: Pick<Io, 'stdout' | 'stderr'>

  /** In a pipeline, which reads commands out of its log. */
  readonly #isRead: boolean

  constructor(io: Pick<Io, 'stdout' | 'stderr'>, json: boolean, isRead = false) {
    this.#io = io
    this.json = json
    this.#isRead = isRead
  }

  /** Text that does nothing to whoever reads it. */
  harmless(text: string): string {
    return this.#isRead ? harmless(text) : safe(text)
  }

  /** The answer, as one document. */
  document(value: unknown, human: () => string): void {
    const text = this.json ? harmlessJson(value, 2) : this.harmless(human())
    this.#io.stdout.write(`${text}\n`)
  }

  /** One of several answers, a line each as JSON. */
  line(value: unknown, human: () => string): void {
    const text = this.json ? harmlessJson(value) : this.harmless(human())
    this.#io.stdout.write(`${text}\n`)
  }

  /** A sentence about what goes on. */
  note(sentence: string): void {
    this.#io.stderr.write(`${this.harmless(sentence)}\n`)
  }
}

/** Rows under headings, in columns as wide as they must be. */
export function table(headings: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const lines = [headings, ...rows.map((row) => row.map((cell) => safeLine(String(cell ?? '–'))))]
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => widthOf(line[column] ?? ''))))
  return lines
    .map((line) =>
      line
        .map((cell, column) => pad(cell, widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Names and values, one pair a line, each of at most so many columns. */
export function pairs(entries: readonly (readonly [string, unknown])[], mostColumns = Infinity): string {
  const width = Math.max(...entries.map(([name]) => name.length))
  const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  return entries
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name.padEnd(width)}  ${cut(safeLine(shown(value)), mostColumns)}`)
    .join('\n')
}
