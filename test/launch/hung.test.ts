import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { Behaviour } from '../../src/launch/hung.ts'
import { type Clock, systemClock } from '../../src/system/clock.ts'
import { Vitals } from '../../src/task/vitals.ts'

/** Computes for so many milliseconds of CPU each time it is told to, and says when it has. */
const program = `
  const cpuMs = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000 }
  process.stdin.on('data', (ms) => {
    for (const end = cpuMs() + Number(ms); cpuMs() < end; );
    process.stdout.write('done')
  })
  process.stdout.write('ready')`

let child: ChildProcessByStdio<Writable, Readable, null>

afterEach(() => child.kill('SIGKILL'))

async function start(): Promise<void> {
  child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
}

/** Resolves with how long it wanted a core for that, on a busy machine more than it computed. */
async function compute(ms: number): Promise<number> {
  const before = performance.now()
  child.stdin.write(String(ms))
  await once(child.stdout, 'data')
  return performance.now() - before
}

describe('a worker that is silent', () => {
  let now = 0
  const clock: Clock = { ...systemClock, monotonic: () => now }
  const behaviour = () => {
    now = 0
    return new Behaviour({ identity: { pid: child.pid ?? 0, startTicks: 0, bootId: '' } }, new Vitals(0), clock)
  }

  /** What it is said to do, after so much in the second second of its silence and in a moment after it, and what it wanted. */
  async function told(firstMs: number, lastMs: number) {
    const one = behaviour()
    now = 1_000
    one.glance()
    await compute(firstMs)
    now = 2_000
    one.glance()
    const wantedMs = await compute(lastMs)
    now = 2_300
    return { details: one.ending('silenceSeconds', 2.3, 2.3).details, wantedMs }
  }

  it('is spinning when it computed all the time', async () => {
    await start()
    expect((await told(1_000, 300)).details).toMatchObject({ doing: 'spinning' })
  })

  it('is waiting when it computed for a moment just before its time was over', async () => {
    await start()
    let last = await told(0, 250)
    // Who waits longer for a core than for anything else does want one: that is no moment.
    while (last.wantedMs > 500) last = await told(0, 250)
    expect(last.details).toMatchObject({ doing: 'waiting' })
  })

  it('is waiting although it had computed before its task was watched', async () => {
    await start()
    await compute(1_200)
    const one = behaviour()
    now = 200
    one.glance()
    now = 1_000
    expect(one.ending('silenceSeconds', 1, 1).details).toMatchObject({ doing: 'waiting' })
  })
})
