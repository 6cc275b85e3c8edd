import { Board } from '../../src/schedule/board.ts'
import { type Decision, plan } from '../../src/schedule/plan.ts'
import type { Policy, PoolPolicy, TenantPolicy } from '../../src/schedule/policy.ts'
import type { Waiting } from '../../src/schedule/waiting.ts'
import type { Pool } from '../../src/task/task.ts'
import { openPolicy } from '../fixtures/open-policy.ts'

/** A normal task of tenant `acme`, created at time 0, that may start at once. */
export function waiting(id: string, but: Partial<Waiting> = {}): Waiting {
  return {
    id,
    tenant: 'acme',
    kind: 'lint',
    pool: 'normal',
    attempt: 0,
    concurrency: null,
    priority: 0,
    notBefore: null,
    expiresAt: null,
    front: false,
    createdAt: 0,
    memoryMiB: 256,
    filesInMemoryMiB: 0,
    workspaceMiB: 64,
    fileMiB: 64,
    openFiles: 4096,
    processes: 512,
    awaits: [],
    hasBegun: false,
    preemptions: 0,
    isCleanup: false,
    isOnlyHere: false,
    ...but,
  }
}

export interface Terms {
  readonly sharedSlots?: number
  readonly pools?: Partial<Record<Pool, Partial<PoolPolicy>>>
  readonly tenant?: Partial<TenantPolicy>
  readonly kinds?: Policy['kinds']
  readonly memoryMiB?: number
  readonly preemption?: Partial<Policy['preemption']>
}

/** One slot for critical tasks and two for all, no other limit, and no preemption, unless told otherwise. */
export function policyOf({ sharedSlots = 2, pools, tenant, preemption, ...others }: Terms = {}): Policy {
  const open = openPolicy(sharedSlots)
  const poolOf = (pool: Pool): PoolPolicy => ({ ...open.pools[pool], ...pools?.[pool] })
  return {
    ...open,
    ...others,
    pools: { critical: poolOf('critical'), normal: poolOf('normal'), batch: poolOf('batch') },
    tenant: { ...open.tenant, ...tenant },
    preemption: { exemptSeconds: 0, most: 0, ...preemption },
  }
}

export function boardOf(tasks: readonly Waiting[], terms: Terms = {}): Board {
  const board = new Board(policyOf(terms))
  for (const task of tasks) board.add(task)
  return board
}

/** What the loop does with a decision, as far as the board is concerned. */
export function apply(board: Board, decision: Decision, now = 0): void {
  if (decision.do === 'start') board.start(decision.task.id, now)
  else if (decision.do === 'expire') board.remove(decision.task)
  else {
    const ids = decision.victims.map(({ id }) => id)
    if (decision.task) board.promise(decision.task, ids)
    else for (const id of ids) board.preempting(id)
  }
}

/** Decides and applies until there is nothing left to do; tells what was done. */
export function turn(board: Board, now = 0): readonly string[] {
  board.advance(now)
  const done: string[] = []
  for (let decision = plan(board, now); decision; decision = plan(board, now)) {
    done.push(sentenceOf(decision))
    apply(board, decision, now)
  }
  return done
}

function sentenceOf(decision: Decision): string {
  if (decision.do !== 'preempt') return `${decision.do} ${decision.task.id}`
  const victims = decision.victims.map(({ id }) => id).join(' and ')
  return decision.task ? `preempt ${victims} for ${decision.task.id}` : `preempt ${victims}`
}
