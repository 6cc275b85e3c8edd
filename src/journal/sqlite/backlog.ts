/** Counts the bytes that wait for the disk, and lets those who feed it wait while there are too many. */
export class Backlog {
  readonly #limitBytes: number
  #bytes = 0
  #waiting: (() => void)[] = []

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  grow(bytes: number): void {
    this.#bytes += bytes
  }

  shrink(bytes: number): void {
    this.#bytes -= bytes
    if (this.#waiting.length === 0 || this.#bytes >= this.#limitBytes) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const go of waiting) go()
  }

  belowLimit(): Promise<void> {
    if (this.#bytes < this.#limitBytes) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
