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

async function compute(ms: number): Promise<void> {
  child.stdin.write(String(ms))
  await once(child.stdout, 'data')
}

describe('a worker that is silent', () => {
  let now = 0
  const clock: Clock = { ...systemClock, monotonic: () => now }
  const behaviour = () => {
    now = 0
    return new Behaviour({ identity: { pid: child.pid ?? 0, startTicks: 0, bootId: '' } }, new Vitals(0), clock)
  }

  it.each([
    ['waiting', 'computed for a moment just before its time was over', 0, 250],
    ['spinning', 'computed all the time', 1_000, 300],
  ])('is %s when it %s', async (doing, _, firstMs, lastMs) => {
    await start()
    const one = behaviour()
    now = 1_000
    one.glance()
    await compute(firstMs)
    now = 2_000
    one.glance()
    await compute(lastMs)
    now = 2_300
    expect(one.ending('silenceSeconds', 2.3, 2.3).details).toMatchObject({ doing })
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
