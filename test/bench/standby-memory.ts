import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PoolList } from '../../src/contract/stats.ts'
import { childrenOf } from '../../src/process/tree.ts'
import { proportionalMiB } from '../../src/process/usage.ts'
import { type Line, lineOf, type Pair } from './harness.ts'
import { startOrchestrator } from './orchestrator.ts'
import { cleanEnvironment, pathOf } from './program.ts'

const rounds = 3
const tasks = 4

/**
 * Memory of one plain worker that stands by, its wrappers included and what it shares counted in parts (PSS), against
 * Node with nothing to do but to wait at a pipe. There are as many of the one as of the other.
 */
export async function* standbyMemory(): AsyncIterable<Line> {
  const pairs: Pair[] = []
  for (let round = 0; round < rounds; round++) pairs.push(await measure())
  yield lineOf('standby-memory', 'MiB PSS', pairs, { valueAtMost: 15 })
}

async function measure(): Promise<Pair> {
  const { child, url, token, stop } = await startOrchestrator({ criticalSlots: 0, sharedSlots: 2, standby: 3 })
  const bare: ChildProcess[] = []
  try {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ kind: 'noop', input: null })
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
    return { value: smallest(childrenOf(child.pid ?? 0)), limit: smallest(bare.map(({ pid }) => pid ?? 0)) }
  } finally {
    for (const one of bare) one.kill('SIGKILL')
    await stop()
  }
}

/** The plain ones: those that have loaded something ahead take more. */
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
