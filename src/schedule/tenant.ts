import { ReturningMap } from '../system/returning-map.ts'
import type { Pool } from '../task/task.ts'
import { Aside } from './aside.ts'
import { type Counts, isNothing, noCounts, runningIn } from './counts.ts'
import { type Course, Flow } from './flow.ts'
import { Key } from './key.ts'
import type { TenantPolicy } from './policy.ts'
import type { Queue } from './queue.ts'
import { type Applicant, type TenantLimitName, tenantLimits } from './tenant-limits.ts'
import type { Waiting } from './waiting.ts'

/** A tenant on the board: what it has waiting and running, what it may, and its place in each pool. */
export class Tenant {
  readonly name: string
  readonly counts: Counts = noCounts()
  readonly flows: Readonly<Record<Pool, Flow>>
  readonly keys = new ReturningMap<string | null, Key>()
  readonly queues = new Set<Queue>()
  readonly tooLarge = new Aside((task) => this.couldHold(task))
  /** What its running tasks may use, by their limits. */
  memoryMiB = 0
  /** Process time of this day, in seconds. */
  daySeconds = 0
  #policy: TenantPolicy

  constructor(name: string, policy: TenantPolicy, courses: Readonly<Record<Pool, Course>>) {
    this.name = name
    this.#policy = policy
    this.flows = {
      critical: new Flow(courses.critical, policy.weight),
      normal: new Flow(courses.normal, policy.weight),
      batch: new Flow(courses.batch, policy.weight),
    }
  }

  get policy(): TenantPolicy {
    return this.#policy
  }

  adopt(policy: TenantPolicy): void {
    this.#policy = policy
    for (const flow of Object.values(this.flows)) flow.weigh(policy.weight)
  }

  /** Whether one more task stays within the tenant's limits. */
  mayRun(task: Applicant): boolean {
    return this.limitFor(task) === undefined
  }

  /** The first of its limits that keeps one more task from running; undefined for none. */
  limitFor(task: Applicant): TenantLimitName | undefined {
    for (const limit of tenantLimits) if (!limit.admits(this, task)) return limit.rule
    return undefined
  }

  /** Whether a task fits when nothing else of the tenant runs: what it may can have become less since it was let in. */
  couldHold({ memoryMiB }: Pick<Waiting, 'memoryMiB'>): boolean {
    return memoryMiB <= this.#policy.memoryMiB
  }

  /** The process time of this day is used up. */
  get isSpent(): boolean {
    return this.daySeconds >= this.#policy.processSecondsPerDay
  }

  /** It runs more than its limits allow by now, as far as a pool is concerned. */
  isOver(pool: Pool): boolean {
    const { running, poolRunning, memoryMiB } = this.#policy
    return (
      runningIn(this.counts) > running ||
      this.counts[pool].running > poolRunning[pool] ||
      this.memoryMiB > memoryMiB ||
      this.isSpent
    )
  }

  /**
   * Nothing of it is left that would make a difference when it comes again. A queue may be left without a task: the
   * journal is still asked what there is of it, and what it finds belongs to this tenant, not to one made anew.
   */
  get isForgettable(): boolean {
    const isGone = isNothing(this.counts) && this.queues.size === 0
    return isGone && this.daySeconds === 0 && Object.values(this.flows).every((flow) => flow.isLevel)
  }

  keyOf({ concurrency }: Pick<Waiting, 'concurrency'>): Key {
    const name = concurrency?.key ?? null
    const key = this.keys.get(name) ?? new Key(name)
    this.keys.set(name, key)
    return key
  }

  queueOf(pool: Pool, kind: string): Queue | undefined {
    for (const queue of this.queues) if (queue.pool === pool && queue.kind === kind) return queue
    return undefined
  }
}
