import { makeEncodings, writeForms } from './encodings.ts'
import { Forms } from './forms.ts'
import { NeedleIndex } from './needle-index.ts'
import { partsOf } from './parts.ts'
import { refusalOfSecret } from './refusal.ts'

/** What a task may add costs the orchestrator time: it builds its index anew for each. */
const maxSecrets = 100
const maxLearntBytes = 16 * 1024
/** Of all that it adds: an index of so much is made in a fifth of a second. */
const maxLearntBytesTogether = 64 * 1024

/** What must not be shown: the secrets of one attempt, in all forms that they may show in. Wiped with them. */
export class Needles {
  readonly #secrets: Uint8Array[] = []
  #index: NeedleIndex | undefined
  #areWiped = false
  #learntBytes = 0

  /** Not copied: it must stay as it is until the wipe. */
  add(secret: Uint8Array): void {
    this.#index?.wipe()
    this.#index = undefined
    this.#secrets.push(secret)
  }

  /** The same for a value that a task came to know. */
  learn(value: Uint8Array): void {
    this.#learntBytes += value.length
    this.add(value)
  }

  /** Why a value that a task came to know cannot be added; undefined when it can. */
  refusalOf(value: Uint8Array): string | undefined {
    if (this.#secrets.length >= maxSecrets)
      return `a task has at most ${maxSecrets} values masked, its secrets included`
    if (value.length > maxLearntBytes) return `a value to be masked has at most ${maxLearntBytes} bytes: mask its parts`
    if (this.#learntBytes + value.length > maxLearntBytesTogether)
      return `a task has at most ${maxLearntBytesTogether} bytes masked besides its secrets, all values together: mask only the parts that nobody may see`
    return refusalOfSecret(value)
  }

  has(value: Uint8Array): boolean {
    return this.#secrets.some((secret) => Buffer.compare(secret, value) === 0)
  }

  get areNone(): boolean {
    return this.#secrets.length === 0
  }

  /** Made when it is first needed: many a task says nothing that could hold a secret. */
  get index(): NeedleIndex {
    this.#index ??= indexOf(this.#secrets)
    return this.#index
  }

  /** From here on nothing is known to be no secret. */
  get areWiped(): boolean {
    return this.#areWiped
  }

  /** Forgets them; the secrets themselves are their owner's to wipe. */
  wipe(): void {
    this.#index?.wipe()
    this.#index = undefined
    this.#areWiped = true
    this.#secrets.length = 0
  }
}

/** For a usual secret nothing has to grow. */
const formBytesPerByte = 32

function indexOf(secrets: readonly Uint8Array[]): NeedleIndex {
  const forms = new Forms(secrets.reduce((sum, { length }) => sum + length, 1) * formBytesPerByte)
  const encodings = makeEncodings()
  for (const secret of secrets) {
    for (const part of partsOf(secret)) writeForms(part, forms, encodings)
  }
  return new NeedleIndex(forms)
}
