import { MayflyError } from '../../client/errors.ts'
import { Refusal } from '../../task/errors.ts'

const advice: Readonly<Record<string, string>> = {
  UNREACHABLE: ', and try again',
  UNAUTHORIZED: '; whoever set this up has to change it',
}

/** What went wrong and what to do, in one sentence. What nobody meant to tell a stranger goes to `onFault` instead. */
export function sentenceOf(error: unknown, onFault: (error: unknown) => void): string {
  if (error instanceof Refusal) return `${error.message} (${error.code})`
  if (isGivenUp(error)) return 'the call was given up (ABORTED)'
  if (!(error instanceof MayflyError)) {
    onFault(error)
    return 'something went wrong here: try again, and tell the operator if it goes on (INTERNAL)'
  }
  const { code, message, retryAfterSeconds } = error
  const later = retryAfterSeconds === null ? '' : `, try again in ${retryAfterSeconds} s`
  return `${message}${advice[code] ?? ''}${later} (${code})`
}

/** By whoever asked: with a reason in words, or by going away. */
function isGivenUp(error: unknown): boolean {
  return typeof error === 'string' || (error instanceof Error && error.name === 'AbortError')
}

/** An answer of the protocol itself. The SDK's own error says its code in its message once more on each side. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}
