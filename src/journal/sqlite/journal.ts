import type { Clock } from '../../system/clock.ts'
import type { Artifact } from '../../task/artifact.ts'
import type { NewEvent, Task, TaskEvent } from '../../task/task.ts'
import type { Added, Addition, Earlier, Once } from '../additions.ts'
import type { AttemptRecord, OpenAttempt } from '../attempts.ts'
import type { AuditLog } from '../audit.ts'
import type { Cue } from '../cue.ts'
import type { Families } from '../families.ts'
import type { EventPage, FoundTasks, Journal, JournalUnusable, Move, Moved, QueuedTask, TaskQuery } from '../journal.ts'
import type { PauseRecords } from '../pauses.ts'
import type { ProcessTime } from '../process-time.ts'
import type { Retention } from '../retention.ts'
import type { ScheduleRecords } from '../schedules.ts'
import type { SecretRecords } from '../secrets.ts'
import type { TenantRecords } from '../tenants.ts'
import type { TokenRecords } from '../tokens.ts'
import type { Uploads } from '../uploads.ts'
import type { WaitingTasks } from '../waiting.ts'
import { Additions } from './additions.ts'
import type { Backlog } from './backlog.ts'
import type { Commits } from './commits.ts'
import { type Cues, SqliteCue } from './cues.ts'
import { moveOperation, type RecordOperation } from './operation.ts'
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
import { itself, ofNoTask, Requests } from './requests.ts'
import { Shredder } from './shredder.ts'
import type { Space } from './space.ts'
import type { Readers } from './threads.ts'

export interface Parts {
  readonly clock: Clock
  readonly commits: Commits
  readonly cues: Cues
  readonly backlog: Backlog
  readonly space: Space
  readonly readers: Readers
  /** What is left to do when everything is written and no reader is left. */
  readonly shut: () => Promise<void>
}

const queuedPageTasks = 1000

/** The journal in one SQLite file: writes go through one thread in groups, reads through threads of their own. */
export class SqliteJournal implements Journal {
  readonly #parts: Parts
  readonly #requests: Requests
  readonly #additions: Additions
  readonly #shredder: Shredder
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

  constructor(parts: Parts) {
    this.#parts = parts
    this.#requests = new Requests(parts.commits)
    this.#additions = new Additions(this.#requests, parts.clock)
    this.#shredder = new Shredder(this.#requests, parts.clock)
    const records: RecordAccess = {
      change: (name, args, urgent = false) => this.#record({ do: 'record', change: name, args }, urgent),
      read: (query, ...args) => parts.readers.read(query, ...args),
    }
    this.audit = auditLog(records)
    this.families = families(records, (child, queued, fence, uses) =>
      this.#additions.addChild(child, queued, fence, uses),
    )
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
    return this.#additions.add({ task, queued, once, uses })
  }

  addAll(additions: readonly Addition[]): readonly Promise<Added>[] {
    return additions.map((addition, index) => this.#additions.add(addition, index > 0))
  }

  earlier(tenant: string, once: Once): Promise<Earlier | undefined> {
    return this.#parts.readers.read('earlier', { ...once, tenant, now: this.#parts.clock.now() })
  }

  cue(bytes: Uint8Array): Cue | undefined {
    return this.#parts.cues.take(bytes)
  }

  move(move: Move): Promise<Moved> {
    return move.cue instanceof SqliteCue ? this.#moveWith(move.cue, move) : this.#move(move)
  }

  /** Whatever becomes of the move, the next cue can be had. */
  async #moveWith(cue: SqliteCue, move: Move): Promise<Moved> {
    try {
      return await this.#move(move)
    } finally {
      cue.end()
    }
  }

  #move(move: Move): Promise<Moved> {
    const { task, change, opens, known, events, canWait = false, canLinger = false } = move
    if (change.state === 'starting' && !opens) {
      return Promise.reject(new Error('A move to starting must open an attempt.'))
    }
    const about = { task, tenant: undefined, events, canWait, canLinger }
    return this.#requests.write(moveOperation(move), about, (done) => {
      if (!('lastSeq' in done)) return { moved: false }
      const { lastSeq, shred, cued = false } = done
      if (shred) this.#shredder.soon()
      const brought = opens && known ? { ...known, ...change, attempt: known.attempt + 1, lastSeq } : done.task
      return { moved: true, lastSeq, ...(brought && { task: brought }), ...(cued && { cued }) }
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
    await this.#requests.write({ do: 'stopping', at }, ofNoTask, itself)
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
    const done = await this.#requests.write(operation, { ...ofNoTask, canWait: !urgent }, itself)
    if (operation.change.startsWith('secrets.')) this.#shredder.soon()
    if (!('recorded' in done)) throw new Error(`The journal did not carry out ${operation.change}.`)
    return done.recorded as A
  }
}
