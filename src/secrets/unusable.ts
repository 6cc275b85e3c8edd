/** The secrets that are there cannot be opened, and why: nothing was changed, and the message says what to do. */
export class VaultUnusable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'VaultUnusable'
  }
}

/** A secret that a task asks for cannot be had; the message names it and says what to do. */
export class SecretUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SecretUnavailable'
  }
}
