import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PoolList } from '../../src/contract/stats.ts'
import { childrenOf } from '../../src/process/tree.ts'
import { proportionalMiB } from '../../src/process/usage.ts'
import { type Line, lineOf, type Pair } from './harness.ts'
import { startOrchestrator } from './orchestrator.ts'
import { cleanEnvironment, pathOf } from './program.ts'

const rounds = 3
const tasks = 4

/** A family of workers: the kind that calls for it, and what only its command line has. */
interface Family {
  readonly kind: string
  readonly loads: RegExp
}

const plain: Family = { kind: 'noop', loads: /^(?!.*(eslint|jsforce))/s }
const salesforce: Family = { kind: 'sf-noop', loads: /jsforce/ }

/**
 * Memory of one worker that stands by, a plain one and one with jsforce loaded, its wrappers included and what it shares counted in parts (PSS), against
 * Node with nothing to do but to wait at a pipe. There are as many of the one as of the other.
 */
export async function* standbyMemory(): AsyncIterable<Line> {
  yield lineOf('standby-memory', 'MiB PSS', await measureAll(plain), { valueAtMost: 15 })
  yield lineOf('standby-memory of sf', 'MiB PSS', await measureAll(salesforce))
}

async function measureAll(family: Family): Promise<readonly Pair[]> {
  const pairs: Pair[] = []
  for (let round = 0; round < rounds; round++) pairs.push(await measure(family))
  return pairs
}

async function measure({ kind, loads }: Family): Promise<Pair> {
  const { child, url, token, stop } = await startOrchestrator({ criticalSlots: 0, sharedSlots: 2, standby: 3 })
  const bare: ChildProcess[] = []
  try {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ kind, input: null })
    for (let task = 0; task < tasks; task++) await fetch(new URL('/v1/tasks', url), { method: 'POST', headers, body })
    const standing = await untilStanding(async () => {
      const { pools } = (await (await fetch(new URL('/v1/pools', url), { headers })).json()) as PoolList
      const normal = pools.find(({ pool }) => pool === 'normal')
      return normal?.busy === 0 && normal.queued === 0 ? normal.standby : 0
    })
    for (let i = 0; i < standing; i++) {
      bare.push(
        spawn(process.execPath, [pathOf('programs/waiting.js')], {
          env: cleanEnvironment,
          stdio: ['pipe', 'pipe', 'inherit'],
        }),
      )
    }
    await Promise.all(bare.map((one) => new Promise((resolve) => one.stdout?.once('data', resolve))))
    const family = childrenOf(child.pid ?? 0).filter((leader) => loads.test(commandLineOf(leader)))
    return { value: smallest(family), limit: smallest(bare.map(({ pid }) => pid ?? 0)) }
  } finally {
    for (const one of bare) one.kill('SIGKILL')
    await stop()
  }
}

function commandLineOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
}

function smallest(leaders: readonly number[]): number {
  return Math.min(...leaders.map((leader) => proportionalMiB(leader) ?? Number.NaN))
}

async function untilStanding(look: () => Promise<number>): Promise<number> {
  for (;;) {
    const standing = await look()
    if (standing >= 2) return standing
    await sleep(50)
  }
}
