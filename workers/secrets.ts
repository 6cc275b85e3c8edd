/** The secrets lent to this attempt, as its task may use them. */
export interface Secrets {
  readonly names: readonly string[]
  /** Calls with the value's bytes, which are wiped when the task ends: not to be kept. Returns what the call returns. */
  use<T>(name: string, call: (value: Uint8Array) => T): T
  /** The value as text, if it is UTF-8. A string cannot be wiped: it stays in memory until this process ends. */
  text(name: string): string
}

export class LentSecrets implements Secrets {
  readonly #values: ReadonlyMap<string, Uint8Array>

  constructor(values: ReadonlyMap<string, Uint8Array>) {
    this.#values = values
  }

  get names(): readonly string[] {
    return [...this.#values.keys()]
  }

  use<T>(name: string, call: (value: Uint8Array) => T): T {
    const value = this.#values.get(name)
    if (value) return call(value)
    const known = this.names.join(', ') || 'none'
    throw refusal(`this task has no secret ${name}, but ${known}: give it one in the request, under secrets`)
  }

  text(name: string): string {
    return this.use(name, (value) => {
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value)
      } catch {
        throw refusal(`the secret ${name} is not text: take its bytes, with secrets.use`)
      }
    })
  }

  wipe(): void {
    for (const value of this.#values.values()) value.fill(0)
  }
}

/** Trying again would not help. */
function refusal(message: string): Error {
  return Object.assign(new Error(message), { retryable: false })
}
