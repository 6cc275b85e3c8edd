/** Who asks for a secret, and until when somebody waits for it. */
export interface Ask {
  readonly tenant: string
  readonly signal: AbortSignal
  /** The mark of the worker that it is for: what is started for it carries that, and is found with what is left of the worker. */
  readonly mark?: Readonly<Record<string, string>>
}

/** A place that secrets come from. All that there are keep one contract: test/contracts/provider.ts. */
export interface SecretProvider {
  /** Why there can never be a secret of this name here: how the sentence "a reference …" goes on. */
  refusalOf(name: string): string | undefined
  /**
   * The value in a buffer that is the caller's to wipe, undefined when there is none of this name. Throws
   * SecretUnavailable, whose sentence says what to do.
   */
  get(name: string, ask: Ask): Promise<Buffer | undefined>
}

export const maxSecretBytes = 64 * 1024

/** Of what a person or a program wrote, the end of the last line is no part. Wipes it, and shows what is before it. */
export function withoutLineEnd(value: Buffer): Buffer {
  let { length } = value
  if (value[length - 1] === 0x0a) length--
  if (length < value.length && value[length - 1] === 0x0d) length--
  value.fill(0, length)
  return value.subarray(0, length)
}
