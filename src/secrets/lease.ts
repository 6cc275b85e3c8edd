import { Needles } from '../mask/needles.ts'

/** The secrets lent to one attempt: they live in these buffers, and nowhere else, until its end wipes them. */
export class Lease {
  readonly #values = new Map<string, Buffer>()
  /** Values that have no name: what a task wants masked because it came to know it. */
  readonly #nameless: Buffer[] = []
  /** What must not be shown because of them: complete at any time, and wiped with them. */
  readonly needles = new Needles()
  #isWiped = false

  get isWiped(): boolean {
    return this.#isWiped
  }

  /** Every value; not to be kept. */
  *values(): Generator<Buffer> {
    yield* this.#values.values()
    yield* this.#nameless
  }

  entries(): Iterable<readonly [name: string, value: Buffer]> {
    return this.#values
  }

  /** Takes the buffer over. What comes after the end is wiped at once. */
  add(value: Buffer, name?: string): void {
    if (this.#isWiped) {
      value.fill(0)
      return
    }
    if (name === undefined) {
      this.#nameless.push(value)
      this.needles.learn(value)
    } else {
      this.#values.set(name, value)
      this.needles.add(value)
    }
  }

  wipe(): void {
    this.#isWiped = true
    this.needles.wipe()
    for (const value of this.values()) value.fill(0)
    this.#values.clear()
    this.#nameless.length = 0
  }
}
