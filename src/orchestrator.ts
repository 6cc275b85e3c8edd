/**
 * Puts the loop together with what it works on, starts and stops it, and does what clients ask. It knows the stages; they
 * never know each other. What is on the board changes only after a commit said so.
 */
import type { Admission } from './access/admission.ts'
import type { Credential } from './access/credential.ts'
import type { ContractKind } from './contract/kinds.ts'
import type { ProcessTime } from './contract/quota.ts'
import type { Readiness } from './contract/readiness.ts'
import type { TaskRequest } from './contract/request.ts'
import type { Stats } from './contract/stats.ts'
import { EndEarly } from './end-early.ts'
import { Explainer } from './explainer.ts'
import { Family } from './family.ts'
import type { UsageNotes } from './files/usage-notes.ts'
import type { Workspaces } from './files/workspaces.ts'
import type { Journal, QueuedTask } from './journal/journal.ts'
import type { WhyPreempted } from './journal/moves.ts'
import { dayOf } from './journal/process-time.ts'
import { toContractKind } from './kinds/registry.ts'
import { Loop } from './loop.ts'
import { Pace } from './pace.ts'
import { levelNames } from './process/isolation.ts'
import { Queue } from './queue.ts'
import { type HeldDeps, recoverHeld } from './recover/held.ts'
import { recover } from './recover/recover.ts'
import { Restock } from './restock.ts'
import type { RunDeps } from './run.ts'
import { Runs } from './runs.ts'
import { Scaler, type ScalerDeps } from './scaler.ts'
import { Board } from './schedule/board.ts'
import { Pauses } from './schedule/pauses.ts'
import type { Policy, TenantPolicy } from './schedule/policy.ts'
import { statsOf } from './schedule/stats.ts'
import { waitingOf } from './schedule/waiting.ts'
import type { OneTimeSecrets } from './secrets/one-time.ts'
import { Storing, type StoringDeps } from './storing.ts'
import { type Asked, Desk, type DeskDeps } from './submit/desk.ts'
import type { Submitted } from './submit/once.ts'
import { requestAgain } from './submit/retry.ts'
import type { KnownProviders } from './submit/secrets.ts'
import { pause } from './system/clock.ts'
import { Refusal } from './task/errors.ts'
import type { Pool, Task } from './task/task.ts'

export type OrchestratorDeps = Omit<RunDeps, 'answer'> &
  HeldDeps &
  StoringDeps & {
    readonly journal: Journal
    readonly workspaces: Workspaces
    readonly usageNotes: UsageNotes
    readonly schedulePolicy: Policy
    readonly admission: Pick<Admission, 'admit' | 'boundsOf'>
    readonly providers: KnownProviders
    readonly oneTime: Pick<OneTimeSecrets, 'keep'>
    /** How the shared slots follow the machine; null when they do not. */
    readonly scaling: Pick<ScalerDeps, 'terms' | 'pressure'> | null
  }

/** Attempts of earlier starts that tell how long the next will take. */
const mostRemembered = 4_096
/** From the last kill until everything is settled, when the server stops. */
const settleAllMs = 10_000

export class Orchestrator {
  readonly #deps: OrchestratorDeps
  readonly #board: Board
  readonly #loop: Loop
  readonly #pace: Pace
  readonly #family: Family
  readonly #queue: Queue
  readonly #desk: Desk
  /** What must not start. */
  readonly pauses: Pauses
  /** Why tasks wait, and for how long still. */
  readonly explainer: Explainer
  readonly #runs: Runs
  readonly #endEarly: EndEarly
  readonly #scaler: Scaler | undefined
  #isStopping = false

  constructor(deps: OrchestratorDeps) {
    this.#deps = deps
    this.#board = new Board(deps.schedulePolicy)
    this.explainer = new Explainer(deps, this.#board)
    this.#pace = new Pace(deps.clock, (now) => this.#loop.turn(now))
    const { journal, clock } = deps
    const admit = (task: Task) => this.#admit(task)
    const queue = (task: Task) => this.#queue.add(waitingOf(task))
    const wake = () => this.#pace.wake()
    const complain = (error: unknown, task: string) => this.#complain(error, task)
    this.#scaler = deps.scaling ? new Scaler({ ...deps, ...deps.scaling, board: this.#board, wake }) : undefined
    const boundsOf = (tenant: string, pool: Pool) => deps.admission.boundsOf(tenant, pool)
    const supersede: DeskDeps['supersede'] = (...superseded) => this.#endEarly.supersede(...superseded)
    const startAtOnce: DeskDeps['startAtOnce'] = (task, added) =>
      !this.#isStopping && this.#loop.startAtOnce(task, added)
    const { canCutOff, keepsInMemory } = deps.workers.isolation
    this.#desk = new Desk({ ...deps, canCutOff, keepsInMemory, admit, boundsOf, startAtOnce, queue, supersede })
    this.pauses = new Pauses({ records: journal.pauses, clock, board: this.#board, wake })
    this.#family = new Family(deps, this.#board, {
      submit: (parent, key, request) => this.#desk.submitChild(parent, key, request),
      due: wake,
      cancel: (tenant, id, reason) => this.cancel(tenant, id, reason),
    })
    const lineUp = (task: QueuedTask) => this.#family.lineUp(task)
    this.#queue = new Queue(deps, this.#board, { lineUp, due: (at) => this.#pace.wakeBy(at), complain })
    const storing = new Storing(deps)
    const answer: RunDeps['answer'] = (task, inquiry) =>
      inquiry.type === 'store' ? storing.store(task, inquiry) : this.#family.answer(task, inquiry)
    this.#runs = new Runs(
      { ...deps, answer },
      { claimed: (id) => this.#queue.claimed(id), over: (waiting, over) => this.#loop.free(waiting, over), complain },
    )
    const ways = { queue: this.#queue, runs: this.#runs, wake, complain }
    this.#endEarly = new EndEarly(deps, ways)
    this.#loop = new Loop(deps, this.#board, {
      ...ways,
      restock: new Restock(deps, this.#board, wake),
      preempt: (id, why) => this.preempt(id, why),
    })
  }

  /** Settles what an earlier boot left, then begins to start tasks. */
  async start(): Promise<void> {
    const { journal, workspaces, usageNotes, clock } = this.#deps
    journal.onFull((full) => {
      if (full) this.#board.pools.hold('the disk is full', clock.now())
      else this.#board.pools.release('the disk is full')
      this.#pace.wake()
    })
    journal.onCommit((events) => {
      this.#family.notice(events)
      for (const { type, task, at } of events) if (type === 'task.checkpoint') this.#board.checkpointed(task, at)
    })
    await this.pauses.load()
    for (const { kind, seconds } of await journal.waiting.took(mostRemembered)) this.#board.history.add(kind, seconds)
    const inCells = this.#deps.workers.isolation.slots?.leftover() ?? []
    const leftover = [...workspaces.leftover(), ...inCells, ...usageNotes.leftover()]
    const held = await recover(await journal.open(), leftover, this.#deps)
    const today = await journal.processTime.ofDay(dayOf(this.#deps.clock.now()))
    for (const { tenant, seconds } of today) this.#board.used(tenant, seconds)
    for await (const task of journal.queued()) this.#queue.requeue(task, task.cancelRequested)
    recoverHeld(held, this.#deps, (task) => {
      this.#queue.requeue(task, task.cancelRequested)
      this.#pace.wake()
    })
    await this.#family.cancelUnwanted()
    this.#scaler?.start()
    this.#pace.begin()
  }

  /** Resolves once the task is durable. The same request with the same key finds the task it made before. */
  submit(caller: Credential, request: TaskRequest, idempotencyKey?: string): Promise<Submitted> {
    if (this.#isStopping) return Promise.reject(stopping())
    return this.#desk.submit(caller, { request, idempotencyKey })
  }

  /** The same for several, with one commit; what is wrong with one concerns no other. */
  submitAll(caller: Credential, asked: readonly Asked[]): readonly Promise<Submitted>[] {
    this.#refuseWhenStopping()
    return this.#desk.submitAll(caller, asked)
  }

  /** A new task that does the same as one that has ended. */
  async retry(caller: Credential, id: string, debug: boolean): Promise<Task> {
    const request = requestAgain(await this.#endEarly.find(caller.tenant, id))
    this.#refuseWhenStopping()
    const { task } = await this.#desk.submit(caller, { request, own: { retryOf: id, debug } })
    return task
  }

  /** Resolves once the wish is durable: the task is cancelled, or will be as soon as its process has ended. */
  cancel(tenant: string, id: string, reason: string | null): Promise<Task> {
    return this.#endEarly.cancel(tenant, id, reason)
  }

  /** Ends a running attempt for the sake of another task; it is requeued in front. False when it does not run. */
  preempt(id: string, why: WhyPreempted): Promise<boolean> {
    return this.#endEarly.preempt(id, why)
  }

  /** Starts nothing more, lets running tasks end for so long, then hands them back: queued, in front, not counted. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true
    this.#scaler?.stop()
    this.#pace.rest()
    const { clock, journal, graces } = this.#deps
    this.#board.pools.hold('the server is stopping', clock.now())
    const noted = journal.stopping().catch(() => {})
    const idle = Promise.all([noted, this.#runs.idle()])
    await Promise.race([idle, pause(clock, graceMs), this.#runs.handedBack])
    this.handBack()
    // On a full disk the last commits may never come: then the next start finds the tasks as if this one had been killed.
    await Promise.race([idle, pause(clock, graces.askMs + settleAllMs)])
  }

  /** Hands back at once what still runs, and what is being launched as soon as it does. */
  handBack(): void {
    this.#runs.handBack()
  }

  kinds(): readonly ContractKind[] {
    return [...this.#deps.registry.values()].map(toContractKind)
  }

  readiness(): Readiness {
    const [reason] = this.#board.pools.holds
    const { isolation, standbys, areUnsound } = this.#deps.workers
    const { level } = isolation
    return {
      ready: reason === undefined,
      ...(reason !== undefined && { reason }),
      node: this.#deps.node,
      store: 'sqlite',
      standby: { waiting: standbys.count('critical'), failing: standbys.areFailing },
      isolation: { level, name: levelNames[level], failing: areUnsound },
    }
  }

  /** What waits and runs, of all tenants or of one. */
  stats(tenant?: string): Stats {
    const { node, clock, workers } = this.#deps
    const changes = this.#scaler?.changes ?? []
    return statsOf(this.#board, { node, now: clock.now(), standby: (pool) => workers.standby(pool), changes }, tenant)
  }

  processTimeOf(tenant: string): ProcessTime {
    return this.#board.day.processTimeOf(tenant, this.#deps.clock.now())
  }

  /** What a tenant may, where that is not what every other may. */
  grant(tenant: string, but: Partial<TenantPolicy>): void {
    this.#board.grant(tenant, { ...this.#board.policy.tenant, ...but })
    this.#pace.wake()
  }

  /** Another policy holds from now on; who may something else is to be granted it anew. */
  adopt(policy: Policy): void {
    this.#board.adopt(policy)
    this.#pace.wake()
  }

  /** A tenant is gone, and with it its pauses and its limits. */
  forgetTenant(tenant: string): void {
    this.pauses.forgetTenant(tenant)
    this.#board.grant(tenant, null)
  }

  #refuseWhenStopping(): void {
    if (this.#isStopping) throw stopping()
  }

  /** Lets a task in, or refuses it; what is returned is called when it is durable, or never will be. */
  #admit({ id, tenant, pool }: Task): () => void {
    const queued = { all: this.#board.figures.queuedOf(tenant), pool: this.#board.figures.queuedOf(tenant, pool) }
    const landed = this.#deps.admission.admit(tenant, pool, queued)
    this.#board.expect(id)
    return () => {
      this.#board.giveUp(id)
      landed()
    }
  }

  #complain(error: unknown, task: string): void {
    if (!this.#isStopping) this.#deps.logger.error({ err: error, task }, 'a task could not be carried on')
  }
}

function stopping(): Refusal {
  return new Refusal('STOPPING', 'the server is stopping: submit again when it is back')
}
