import type { Clock } from '../../system/clock.ts'
import type { Artifact } from '../../task/artifact.ts'
import type { NewEvent, Task, TaskEvent } from '../../task/task.ts'
import type { AuditLog } from '../audit.ts'
import type { AddedChild, Child, ChildFence, Families } from '../families.ts'
import type {
  Added,
  Addition,
  AttemptRecord,
  Earlier,
  EventPage,
  FoundTasks,
  Journal,
  JournalUnusable,
  Landed,
  Move,
  Moved,
  Once,
  OpenAttempt,
  QueuedTask,
  TaskQuery,
} from '../journal.ts'
import type { PauseRecords } from '../pauses.ts'
import type { ProcessTime } from '../process-time.ts'
import type { Retention } from '../retention.ts'
import type { ScheduleRecords } from '../schedules.ts'
import type { SealedValue, SecretRecords } from '../secrets.ts'
import type { TenantRecords } from '../tenants.ts'
import type { TokenRecords } from '../tokens.ts'
import type { Uploads } from '../uploads.ts'
import type { WaitingTasks } from '../waiting.ts'
import type { Backlog } from './backlog.ts'
import type { Commits } from './commits.ts'
import {
  type Crossing,
  moveOperation,
  newRows,
  type OneTimeRow,
  type Operation,
  type RecordOperation,
  sizeOf,
} from './operation.ts'
import {
  auditLog,
  families,
  pauseRecords,
  processTime,
  type RecordAccess,
  retention,
  scheduleRecords,
  secretRecords,
  tenantRecords,
  tokenRecords,
  uploads,
  waitingTasks,
} from './records.ts'
import type { Done } from './reply.ts'
import type { Space } from './space.ts'
import type { Readers } from './threads.ts'
import { unknownUpload } from './unknown-upload.ts'
import type { Write } from './write.ts'

export interface Parts {
  readonly clock: Clock
  readonly commits: Commits
  readonly backlog: Backlog
  readonly space: Space
  readonly readers: Readers
  /** What is left to do when everything is written and no reader is left. */
  readonly shut: () => Promise<void>
}

const queuedPageTasks = 1000
const shredAfterMs = 1_000

const ofNoTask = { task: '', tenant: undefined, events: [], canWait: false, canLinger: false } as const

/** The journal in one SQLite file: writes go through one thread in groups, reads through threads of their own. */
export class SqliteJournal implements Journal {
  readonly #parts: Parts
  readonly audit: AuditLog
  readonly families: Families
  readonly secrets: SecretRecords
  readonly uploads: Uploads
  readonly retention: Retention
  readonly tenants: TenantRecords
  readonly tokens: TokenRecords
  readonly pauses: PauseRecords
  readonly schedules: ScheduleRecords
  readonly waiting: WaitingTasks
  readonly processTime: ProcessTime
  #closing: Promise<void> | undefined
  #isShredding = false

  constructor(parts: Parts) {
    this.#parts = parts
    const records: RecordAccess = {
      change: (name, args, urgent = false) => this.#record({ do: 'record', change: name, args }, urgent),
      read: (query, ...args) => parts.readers.read(query, ...args),
    }
    this.audit = auditLog(records)
    this.families = families(records, (child, queued, fence, uses = []) => this.#addChild(child, queued, fence, uses))
    this.secrets = secretRecords(records)
    this.uploads = uploads(records)
    this.retention = retention(records)
    this.tenants = tenantRecords(records)
    this.tokens = tokenRecords(records)
    this.pauses = pauseRecords(records)
    this.schedules = scheduleRecords(records)
    this.waiting = waitingTasks(records)
    this.processTime = processTime(records)
  }

  add(task: Task, queued: NewEvent, once?: Once, uses: readonly string[] = []): Promise<Added> {
    return this.#add({ task, queued, once, uses }, false)
  }

  addAll(additions: readonly Addition[]): readonly Promise<Added>[] {
    return additions.map((addition, index) => this.#add(addition, index > 0))
  }

  #add({ task, queued, once, uses, secrets, decided }: Addition, withPrevious: boolean): Promise<Added> {
    const { id, tenant } = task
    const rows = newRows(task, queued, {
      once: once ? { ...once, tenant, now: this.#parts.clock.now() } : null,
      uploads: uses,
      secrets: secrets?.map(oneTimeRow),
      decided: decided ?? null,
    })
    const about = { task: id, tenant, events: [queued], canWait: true, canLinger: false, withPrevious }
    return this.#send(rows, sizeOf(rows), about, toAdded)
  }

  async #addChild(task: Child, queued: NewEvent, fence: ChildFence, uses: readonly string[]): Promise<AddedChild> {
    const { id, tenant, parent, childKey } = task
    const child = { ...fence, parent, key: childKey }
    const about = { task: id, tenant, events: [queued], canWait: true, canLinger: false }
    const rows = newRows(task, queued, { child, uploads: uses })
    const done = await this.#send(rows, sizeOf(rows), about, itself)
    if ('unknownUpload' in done) throw unknownUpload(done.unknownUpload)
    if ('earlier' in done) return { added: false, earlier: done.earlier }
    if ('stale' in done) return { added: false, because: 'stale' }
    if ('conflict' in done) return { added: false, because: done.conflict }
    return 'tooMany' in done ? { added: false, because: 'too many children' } : landed(done)
  }

  earlier(tenant: string, once: Once): Promise<Earlier | undefined> {
    return this.#parts.readers.read('earlier', { ...once, tenant, now: this.#parts.clock.now() })
  }

  move(move: Move): Promise<Moved> {
    const { task, change, opens, events, canWait = false, canLinger = false } = move
    if (change.state === 'starting' && !opens) {
      return Promise.reject(new Error('A move to starting must open an attempt.'))
    }
    const about = { task, tenant: undefined, events, canWait, canLinger }
    return this.#write(moveOperation(move), about, (done) => {
      if (!('lastSeq' in done)) return { moved: false }
      const { lastSeq, shred } = done
      if (shred) this.#shredSoon()
      return done.task ? { moved: true, lastSeq, task: done.task } : { moved: true, lastSeq }
    })
  }

  onCommit(listen: (events: readonly TaskEvent[]) => void): void {
    this.#parts.commits.onCommit(listen)
  }

  onFull(listen: (full: boolean) => void): void {
    this.#parts.space.onFull(listen)
  }

  get lost(): Promise<JournalUnusable> {
    return this.#parts.commits.lost
  }

  backlogBytes(): number {
    return this.#parts.backlog.bytes
  }

  belowBacklogLimit(): Promise<void> {
    return this.#parts.backlog.belowLimit()
  }

  task(tenant: string, id: string): Promise<Task | undefined> {
    return this.#parts.readers.read('task', tenant, id)
  }

  tasks(query: TaskQuery): Promise<FoundTasks> {
    return this.#parts.readers.read('tasks', query)
  }

  events(task: string, after: number, limit: number): Promise<EventPage> {
    return this.#parts.readers.read('events', task, after, limit)
  }

  open(): Promise<readonly OpenAttempt[]> {
    return this.#parts.readers.read('open')
  }

  /** Page by page, so that no answer of a reading thread is large. */
  async *queued(): AsyncGenerator<QueuedTask, void> {
    for (let last: QueuedTask | undefined; ; ) {
      const page = await this.#parts.readers.read('queued', last, queuedPageTasks)
      yield* page
      if (page.length < queuedPageTasks) return
      last = page.at(-1)
    }
  }

  attempts(task: string): Promise<readonly AttemptRecord[]> {
    return this.#parts.readers.read('attempts', task)
  }

  artifacts(task: string): Promise<readonly Artifact[]> {
    return this.#parts.readers.read('artifacts', task)
  }

  async stopping(): Promise<void> {
    const at = this.#parts.clock.now()
    await this.#write({ do: 'stopping', at }, ofNoTask, itself)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#parts.commits.close()
    await this.#parts.readers.close()
    await this.#parts.shut()
  }

  /** What it answers is what the change's own function says it is. */
  async #record<A>(operation: RecordOperation, urgent: boolean): Promise<A> {
    const done = await this.#write(operation, { ...ofNoTask, canWait: !urgent }, itself)
    if (operation.change.startsWith('secrets.')) this.#shredSoon()
    if (!('recorded' in done)) throw new Error(`The journal did not carry out ${operation.change}.`)
    return done.recorded as A
  }

  /** What was deleted is in the log until that starts afresh: not with each, but not much later. Closing does it, too. */
  #shredSoon(): void {
    if (this.#isShredding) return
    this.#isShredding = true
    this.#parts.clock.after(shredAfterMs, () => {
      this.#isShredding = false
      // The next deletion asks again.
      this.#write({ do: 'shred' }, ofNoTask, itself).catch(() => {})
    })
  }

  #write<A>(operation: Operation, about: About, read: (done: Done) => A): Promise<A> {
    const text = JSON.stringify(operation)
    return this.#send(text, text.length, about, read)
  }

  /** `read` makes of what was done what is answered, or throws. */
  #send<A>(operation: Crossing, bytes: number, about: About, read: (done: Done) => A): Promise<A> {
    return new Promise((resolve, reject) => {
      const { task, tenant, events, canWait, canLinger, withPrevious = false } = about
      const answer = (done: Done) => {
        try {
          resolve(read(done))
        } catch (error) {
          reject(error)
        }
      }
      const write = {
        operation,
        bytes,
        task,
        tenant,
        events,
        canWait,
        canLinger,
        withPrevious,
        resolve: answer,
        reject,
      }
      this.#parts.commits.write(write)
    })
  }
}

type About = Pick<Write, 'task' | 'tenant' | 'events' | 'canWait' | 'canLinger' | 'withPrevious'>

const itself = (done: Done) => done

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
