import { Both } from './both.ts'
import { makeEncodings, writeForms } from './encodings.ts'
import { Forms } from './forms.ts'
import { type Index, NeedleIndex } from './needle-index.ts'
import { partsOf } from './parts.ts'
import { refusalOfSecret } from './refusal.ts'

/** What a task may add costs the orchestrator time: it builds an index of all of it anew for each. */
const maxSecrets = 100
const maxLearntBytes = 16 * 1024
/** Of all that it adds: an index of so much is made in some 50 ms. */
const maxLearntBytesTogether = 32 * 1024
/** An index of so much is made in a few milliseconds, whenever it is needed; of more, before that. */
const unpreparedBytes = 4 * 1024

/** How long work may go on at a stretch, and what then happens. */
export interface Rests {
  /** Whether it has gone on for long enough. */
  isDue(): boolean
  /** Resolves when it may go on. */
  rest(): Promise<void>
}

/** What must not be shown: the secrets of one attempt, in all forms that they may show in. Wiped with them. */
export class Needles {
  readonly #lent = new Sought()
  /** Apart, because they come one after the other, and an index of large secrets takes long to make. */
  readonly #learnt = new Sought()
  #index: Index | undefined
  #areWiped = false

  /** Not copied: it must stay as it is until the wipe. */
  add(secret: Uint8Array): void {
    this.#index = undefined
    this.#lent.add(secret)
  }

  /** The same for a value that a task came to know. */
  learn(value: Uint8Array): void {
    this.#index = undefined
    this.#learnt.add(value)
  }

  /** Why a value that a task came to know cannot be added; undefined when it can. */
  refusalOf(value: Uint8Array): string | undefined {
    if (this.#lent.secrets.length + this.#learnt.secrets.length >= maxSecrets)
      return `a task has at most ${maxSecrets} values masked, its secrets included`
    if (value.length > maxLearntBytes) return `a value to be masked has at most ${maxLearntBytes} bytes: mask its parts`
    if (this.#learnt.bytes + value.length > maxLearntBytesTogether)
      return `a task has at most ${maxLearntBytesTogether} bytes masked besides its secrets, all values together: mask only the parts that nobody may see`
    return refusalOfSecret(value)
  }

  has(value: Uint8Array): boolean {
    const isIt = (secret: Uint8Array) => Buffer.compare(secret, value) === 0
    return this.#lent.secrets.some(isIt) || this.#learnt.secrets.some(isIt)
  }

  get areNone(): boolean {
    return this.#lent.secrets.length === 0 && this.#learnt.secrets.length === 0
  }

  /**
   * Has what large secrets need ready before it is needed, resting in between: their index takes up to a second, and
   * nobody else is to wait for that. Resolves at once for usual ones.
   */
  async prepare(rests: Rests): Promise<void> {
    if (this.#lent.bytes > unpreparedBytes) await this.#lent.prepare(rests)
  }

  /** Made when it is first needed: many a task says nothing that could hold a secret. */
  get index(): Index {
    this.#index ??= this.#made()
    return this.#index
  }

  #made(): Index {
    if (this.#learnt.secrets.length === 0) return this.#lent.index
    if (this.#lent.secrets.length === 0) return this.#learnt.index
    return new Both(this.#lent.index, this.#learnt.index)
  }

  /** From here on nothing is known to be no secret. */
  get areWiped(): boolean {
    return this.#areWiped
  }

  /** Forgets them; the secrets themselves are their owner's to wipe. */
  wipe(): void {
    this.#areWiped = true
    this.#index = undefined
    this.#lent.wipe()
    this.#learnt.wipe()
  }
}

/** Secrets with the index that finds them. */
class Sought {
  readonly secrets: Uint8Array[] = []
  bytes = 0
  #index: NeedleIndex | undefined
  #isWiped = false

  add(secret: Uint8Array): void {
    this.#index?.wipe()
    this.#index = undefined
    this.secrets.push(secret)
    this.bytes += secret.length
  }

  get index(): NeedleIndex {
    if (this.#index) return this.#index
    const making = indexOf(this.secrets)
    let step = making.next()
    while (!step.done) step = making.next()
    this.#index = step.value
    return step.value
  }

  /** Given up when what it is made of is wiped, or is more, meanwhile. */
  async prepare(rests: Rests): Promise<void> {
    const count = this.secrets.length
    const making = indexOf([...this.secrets])
    let step = making.next()
    for (; !step.done; step = making.next()) {
      if (!rests.isDue()) continue
      await rests.rest()
      if (this.#isWiped || this.#index || this.secrets.length !== count) return void making.return(undefined as never)
    }
    this.#index = step.value
  }

  wipe(): void {
    this.#isWiped = true
    this.#index?.wipe()
    this.#index = undefined
    this.secrets.length = 0
  }
}

/** For a usual secret nothing has to grow. */
const formBytesPerByte = 32

function* indexOf(secrets: readonly Uint8Array[]): Generator<undefined, NeedleIndex> {
  const forms = new Forms(secrets.reduce((sum, { length }) => sum + length, 1) * formBytesPerByte)
  let areWritten = false
  try {
    const encodings = makeEncodings()
    for (const secret of secrets) {
      for (const part of partsOf(secret)) yield* writeForms(part, forms, encodings)
    }
    areWritten = true
  } finally {
    if (!areWritten) forms.wipe()
  }
  return yield* NeedleIndex.of(forms)
}
