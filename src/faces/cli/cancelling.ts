import { isPassing } from '../../client/errors.ts'
import type { Session } from './session.ts'

const againMs = 1_000

/** A wish to have a task cancelled that outlasts a server that is away. */
export interface Cancelling {
  /** The server has taken it, or there is nothing more to cancel. */
  readonly isTaken: boolean
  /** Asks no more. */
  stop(): void
}

/** Asks for it after a while, again and again while the server is away. */
export function cancelAfter({ client, out }: Session, id: string, afterMs: number, reason: string): Cancelling {
  let isTaken = false
  let timer = setTimeout(cancel, afterMs)
  function cancel() {
    client.cancel(id, reason).then(take, (error) => {
      if (isPassing(error)) timer = setTimeout(cancel, againMs)
      // It may have ended at this very moment.
      else if (error.code === 'CONFLICT') take()
      else out.note(`the task could not be cancelled: ${error.message}`)
    })
  }
  function take() {
    isTaken = true
  }
  return {
    get isTaken() {
      return isTaken
    },
    stop: () => clearTimeout(timer),
  }
}
