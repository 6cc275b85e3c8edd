/** The secrets that are there cannot be opened, and why: nothing was changed, and the message says what to do. */
export class VaultUnusable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'VaultUnusable'
  }
}

/** A secret that a task asks for cannot be had; the message names it and says what to do. */
export class SecretUnavailable extends Error {
  /** Another try may well have it. */
  readonly isPassing: boolean

  constructor(message: string, { isPassing = true, ...options }: ErrorOptions & { isPassing?: boolean } = {}) {
    super(message, options)
    this.name = 'SecretUnavailable'
    this.isPassing = isPassing
  }
}

/** One that no other try will have, until somebody does what the message says. */
export function neverHere(message: string, cause?: unknown): SecretUnavailable {
  return new SecretUnavailable(message, { isPassing: false, cause })
}

/** Another try may well succeed: the machine had no descriptor, process or memory to spare, or a disk failed to answer. */
export function isPassing({ code = '' }: NodeJS.ErrnoException): boolean {
  return ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM', 'EIO', 'ESTALE', 'ETIMEDOUT', 'EINTR', 'EBUSY'].includes(code)
}
