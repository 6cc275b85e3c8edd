import type { Clock } from '../../system/clock.ts'
import type { NewEvent } from '../../task/task.ts'
import type { Added, Addition, Landed } from '../additions.ts'
import type { AddedChild, Child, ChildFence } from '../families.ts'
import type { SealedValue } from '../secrets.ts'
import { newRows, type OneTimeRow, sizeOf } from './operation.ts'
import type { Done } from './reply.ts'
import { itself, type Requests } from './requests.ts'
import { unknownUpload } from './unknown-upload.ts'

/** How new tasks reach the disk, and what is answered where one does not. */
export class Additions {
  readonly #requests: Requests
  readonly #clock: Clock

  constructor(requests: Requests, clock: Clock) {
    this.#requests = requests
    this.#clock = clock
  }

  add({ task, queued, once, uses, secrets, decided }: Addition, withPrevious = false): Promise<Added> {
    const { id, tenant } = task
    const rows = newRows(task, queued, {
      once: once ? { ...once, tenant, now: this.#clock.now() } : null,
      uploads: uses,
      secrets: secrets?.map(oneTimeRow),
      decided: decided ?? null,
    })
    const about = { task: id, tenant, events: [queued], canWait: true, canLinger: false, withPrevious }
    return this.#requests.send(rows, sizeOf(rows), about, toAdded)
  }

  async addChild(task: Child, queued: NewEvent, fence: ChildFence, uses: readonly string[] = []): Promise<AddedChild> {
    const { id, tenant, parent, childKey } = task
    const child = { ...fence, parent, key: childKey }
    const about = { task: id, tenant, events: [queued], canWait: true, canLinger: false }
    const rows = newRows(task, queued, { child, uploads: uses })
    const done = await this.#requests.send(rows, sizeOf(rows), about, itself)
    if ('tooMany' in done) return { added: false, because: 'too many children' }
    const added = toAdded(done)
    return 'earlier' in added ? { added: false, earlier: added.earlier } : added
  }
}

function toAdded(done: Done): Added {
  if ('unknownUpload' in done) throw unknownUpload(done.unknownUpload)
  if ('stale' in done) return { added: false, because: 'stale' }
  if ('conflict' in done) return { added: false, because: done.conflict }
  return 'earlier' in done ? { added: false, ...done } : landed(done)
}

function oneTimeRow({ name, key, sealed }: SealedValue): OneTimeRow {
  return [name, key, Buffer.from(sealed).toString('base64')]
}

function landed(done: Done): Landed {
  const superseded = 'superseded' in done ? done.superseded?.map(({ task }) => task) : undefined
  return superseded ? { added: true, superseded } : { added: true }
}
