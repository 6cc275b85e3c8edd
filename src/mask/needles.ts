import { writeForms } from './encodings.ts'
import { Forms } from './forms.ts'
import { NeedleIndex } from './needle-index.ts'
import { partsOf } from './parts.ts'

/** What must not be shown: the secrets of one attempt, in all forms that they may show in. Wiped with them. */
export class Needles {
  readonly #secrets: Uint8Array[] = []
  #index: NeedleIndex | undefined

  /** Not copied: it must stay as it is until the wipe. */
  add(secret: Uint8Array): void {
    this.#index?.wipe()
    this.#index = undefined
    this.#secrets.push(secret)
  }

  get areNone(): boolean {
    return this.#secrets.length === 0
  }

  /** Made when it is first needed: many a task says nothing that could hold a secret. */
  get index(): NeedleIndex {
    this.#index ??= indexOf(this.#secrets)
    return this.#index
  }

  /** Forgets them; the secrets themselves are their owner's to wipe. */
  wipe(): void {
    this.#index?.wipe()
    this.#index = undefined
    this.#secrets.length = 0
  }
}

/** For a usual secret nothing has to grow. */
const formBytesPerByte = 32

function indexOf(secrets: readonly Uint8Array[]): NeedleIndex {
  const forms = new Forms(secrets.reduce((sum, { length }) => sum + length, 1) * formBytesPerByte)
  for (const secret of secrets) {
    for (const part of partsOf(secret)) writeForms(part, forms)
  }
  return new NeedleIndex(forms)
}
