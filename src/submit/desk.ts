import type { Credential } from '../access/credential.ts'
import { checkOf } from '../contract/check.ts'
import { TaskRequest } from '../contract/request.ts'
import type { Added, Addition, Conflict } from '../journal/additions.ts'
import type { Child } from '../journal/families.ts'
import type { Journal } from '../journal/journal.ts'
import type { Decided } from '../journal/schedules.ts'
import { usesOf } from '../kinds/uses.ts'
import type { OneTimeSecrets } from '../secrets/one-time.ts'
import type { Clock } from '../system/clock.ts'
import { newTaskId } from '../system/ids.ts'
import { Refusal } from '../task/errors.ts'
import type { Task } from '../task/task.ts'
import { toChild } from './child.ts'
import { conflictRefusal, earlierTask, onceOf, type Submitted, sameTask } from './once.ts'
import { noSecrets, sealedOf } from './secrets.ts'
import { type Grounds, type Submission, toTask } from './submit.ts'

/** A request, as it came by whatever way. */
export interface Asked {
  readonly request: TaskRequest
  readonly idempotencyKey?: string | undefined
  readonly own?: Submission['own']
  /** The tick of a schedule that it is for. */
  readonly decided?: Decided | undefined
}

export interface DeskDeps extends Grounds {
  readonly journal: Pick<Journal, 'addAll' | 'earlier' | 'families'>
  readonly clock: Pick<Clock, 'now'>
  readonly oneTime: Pick<OneTimeSecrets, 'keep'>
  /** Refuses a task beyond the tenant's quotas; else it counts as under way until the function returned is called. */
  readonly admit: (task: Task) => () => void
  /**
   * Told of each new task while it is on its way to the disk, and of whether it got there: true when it is being started
   * with the same commit, so that it is not to be queued.
   */
  readonly startAtOnce: (task: Task, added: () => Promise<boolean>) => boolean
  /** Told of each other new task, once it is durable. */
  readonly queue: (task: Task) => void
  /** Cancels those that the journal says are to end for a new task. */
  readonly supersede: (task: Task, superseded: readonly string[], decided?: Decided) => void
}

const mostChildren = 1_000

const checkRequest = checkOf(TaskRequest, 'the request')

/** What is let in, and not on disk yet. */
interface Admitted extends Addition {
  readonly landed: () => void
}

/** What is right, and beyond the quotas of its tenant. */
interface TurnedAway extends Addition {
  readonly because: unknown
}

/** What is not even right. */
interface Refused {
  readonly because: unknown
}

/** The one place where requests become tasks: checked, admitted, made durable, and queued. */
export class Desk {
  readonly #deps: DeskDeps

  constructor(deps: DeskDeps) {
    this.#deps = deps
  }

  /** Resolves once the task is durable. The same request with the same key finds the task it made before. */
  submit(caller: Credential, asked: Asked): Promise<Submitted> {
    return this.submitAll(caller, [asked])[0] as Promise<Submitted>
  }

  /** The same for several, with one commit; what is wrong with one concerns no other. */
  submitAll(caller: Credential, asked: readonly Asked[]): readonly Promise<Submitted>[] {
    const all = asked.map((one) => this.#judge(caller, one))
    const added = this.#deps.journal.addAll(all.filter((one) => 'landed' in one)).values()
    return all.map((one) => {
      if ('landed' in one) return this.#land(one, added.next().value as Promise<Added>)
      return 'task' in one ? this.#findAgain(one) : Promise.reject(one.because)
    })
  }

  /** The child that a running task has under this key, made now where there is none. */
  async submitChild(parent: Task, key: string, request: unknown): Promise<{ readonly id: string }> {
    const { clock } = this.#deps
    const complaint = checkRequest(request)
    if (complaint) throw new Refusal('BAD_REQUEST', complaint)
    const now = clock.now()
    const child = toChild({ id: newTaskId(), parent, key, request: request as TaskRequest, now }, this.#deps)
    const admitted = outcomeOf(() => this.#deps.admit(child))
    if ('value' in admitted) return this.#addChild(child, parent, now, admitted.value)
    // A child that is there already is no more work: no quota keeps its parent from finding it again.
    const found = await this.#deps.journal.families.find(parent.id, key)
    if (found === undefined) throw admitted.error
    return { id: found }
  }

  async #addChild(child: Child, parent: Task, now: number, landed: () => void): Promise<{ readonly id: string }> {
    const { journal, registry, queue, supersede } = this.#deps
    const data = { kind: child.kind, pool: child.pool, parent: parent.id, key: child.childKey }
    const queued = { type: 'task.queued', at: now, attempt: 0, data } as const
    const fence = { attempt: parent.attempt, isCleanup: parent.cleaning !== null, most: mostChildren }
    const uses = usesOf(registry.get(child.kind), child.input)
    try {
      const added = await journal.families.add(child, queued, fence, uses)
      if ('because' in added) throw refusalOf(added.because)
      if (!added.added) return { id: added.earlier.id }
      queue(child)
      supersede(child, added.superseded ?? [])
      return { id: child.id }
    } finally {
      landed()
    }
  }

  #judge(caller: Credential, asked: Asked): Admitted | TurnedAway | Refused {
    try {
      return this.#admit(caller, asked)
    } catch (because) {
      return { because }
    }
  }

  #admit(caller: Credential, { request, idempotencyKey, own, decided }: Asked): Admitted | TurnedAway {
    const { registry, clock, admit, oneTime } = this.#deps
    const now = clock.now()
    const task = toTask({ id: newTaskId(), caller, request, now, own }, this.#deps)
    const data = { kind: task.kind, pool: task.pool }
    const queued = { type: 'task.queued', at: now, attempt: 0, data } as const
    const once = onceOf(idempotencyKey, request, now)
    const uses = usesOf(registry.get(task.kind), task.input)
    const secrets = sealedOf(request.secrets ?? noSecrets).map(([name, sealed]) => oneTime.keep(task.id, name, sealed))
    try {
      return { task, queued, once, uses, secrets, decided, landed: admit(task) }
    } catch (because) {
      return { task, queued, once, uses, secrets, decided, because }
    }
  }

  /** Whoever sends again what was accepted asks for no more work: no quota keeps the task from them. */
  async #findAgain({ task, once, because }: TurnedAway): Promise<Submitted> {
    const found = once && (await this.#deps.journal.earlier(task.tenant, once))
    if (found) return { task: sameTask(found), isNew: false }
    throw because
  }

  async #land({ task, landed, decided }: Admitted, adding: Promise<Added>): Promise<Submitted> {
    const startsAtOnce = !decided && this.#deps.startAtOnce(task, () => wasAdded(adding))
    try {
      const addition = await adding
      if (!addition.added) return { task: earlierTask(addition), isNew: false }
      // Its worker is told before its client is: they would meet on the same core.
      if (startsAtOnce) await new Promise<void>((resolve) => process.nextTick(resolve))
      else this.#deps.queue(task)
      this.#deps.supersede(task, addition.superseded ?? [], decided)
      return { task, isNew: true }
    } finally {
      landed()
    }
  }
}

function wasAdded(adding: Promise<Added>): Promise<boolean> {
  return adding.then(
    ({ added }) => added,
    () => false,
  )
}

function outcomeOf<T>(make: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: make() }
  } catch (error) {
    return { error }
  }
}

function refusalOf(because: 'stale' | 'too many children' | Conflict): Refusal {
  if (because === 'stale')
    return new Refusal('CONFLICT', 'this attempt is over or its task is to end: it submits nothing more')
  return because === 'too many children'
    ? new Refusal('TOO_MANY', `a task may have ${mostChildren} children: let children have children`)
    : conflictRefusal(because)
}
