import type { TaskRequest } from '../contract/request.ts'
import type { Added, Conflict, Earlier, Once } from '../journal/additions.ts'
import { Refusal } from '../task/errors.ts'
import type { Task } from '../task/task.ts'
import { fingerprintOf } from './fingerprint.ts'

const keyLastsMs = 24 * 60 * 60 * 1000

export interface Submitted {
  readonly task: Task
  /** False for a task that an earlier submission with the same idempotency key made. */
  readonly isNew: boolean
}

/** What makes one task of all submissions of a request with this key; nothing for one without a key. */
export function onceOf(key: string | undefined, request: TaskRequest, now: number): Once | undefined {
  return key === undefined
    ? undefined
    : { key, fingerprint: fingerprintOf(withoutSealed(request)), until: now + keyLastsMs }
}

/** The same value is sealed differently each time: what is compared is for which names there were some. */
function withoutSealed({ secrets, ...request }: TaskRequest): object {
  if (secrets === undefined) return request
  const named = Object.entries(secrets).map(([name, secret]) => [name, typeof secret === 'string' ? secret : {}])
  return { ...request, secrets: Object.fromEntries(named) }
}

/** The task that the key belongs to, for whoever asks for the same again. */
export function earlierTask(addition: Extract<Added, { added: false }>): Task {
  if ('because' in addition) throw refusalOf(addition.because)
  return sameTask(addition)
}

/** The same where nothing was to be added. Throws the Refusal for another request. */
export function sameTask({ earlier, sameFingerprint }: Earlier): Task {
  if (sameFingerprint) return earlier
  throw new Refusal(
    'CONFLICT',
    `this idempotency key belongs to task ${earlier.id}, which another request made: take a new key, or send that request again`,
  )
}

function refusalOf(because: 'stale' | Conflict): Refusal {
  if (because === 'stale') return new Refusal('CONFLICT', 'this tick is over, or its schedule has just changed')
  return conflictRefusal(because)
}

/** Why a task cannot come to be beside those of its concurrency key. */
export function conflictRefusal(conflict: Conflict): Refusal {
  return conflict === 'full'
    ? new Refusal(
        'CONFLICT',
        'as many tasks of this concurrency key wait or run as its limit says: wait for one of them',
      )
    : new Refusal('CONFLICT', 'more tasks of this concurrency key wait than are cancelled at once: cancel some first')
}
