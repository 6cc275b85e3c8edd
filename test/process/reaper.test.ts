import { spawn as spawnOfNode, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { readStat } from '../../src/process/identity.ts'
import { readerOf } from '../../src/process/pipe-ends.ts'
import type { PipeEnd } from '../../src/process/spawn.ts'
import { spawnByLibc } from '../../src/process/spawn-by-libc.ts'
import { childrenOf } from '../../src/process/tree.ts'

const spawn = spawnByLibc()

/** Some hundredths of a second. */
const compute = 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done'
/** Ends at once, and leaves a process of its own behind, whose number it says. */
const leave = 'sleep 1 <&- >&- 2>&- & echo $!'

describe.runIf(spawn)('what a process leaves behind', () => {
  const sh = async (script: string) => {
    const order = { program: 'sh', args: ['-c', script], cwd: '/', env: { PATH: process.env.PATH ?? '' } }
    const { ends, exited, used } = await (spawn as NonNullable<typeof spawn>)({
      ...order,
      descriptors: ['ignore', 'pipe', 'ignore'],
    })
    const out = await text(readerOf(ends[1] as PipeEnd))
    await exited
    return { out, used: await used }
  }

  it('is our child then, and has its number given back when it has ended', async () => {
    const left = Number((await sh(leave)).out)
    expect(childrenOf(process.pid)).toContain(left)
    await expect.poll(() => readStat(left), { timeout: 20_000 }).toBeUndefined()
  })

  it('is left to whoever asks for it what it had used', async () => {
    const left = Number((await sh(`sh -c '${compute}' <&- >&- 2>&- & echo $!`)).out)
    // Nobody else takes it meanwhile: the event loop stands still.
    for (let times = 0; readStat(left)?.state !== 'Z' && times < 1_000; times++) standStill(10)
    expect(spawn?.reap?.(left)?.cpuSeconds).toBeGreaterThan(0.005)
    expect(readStat(left)).toBeUndefined()
    expect(spawn?.reap?.(left)).toBeUndefined()
  })

  it('is counted with it where it waited', async () => {
    const { used } = await sh(`sh -c '${compute}'`)
    expect(used?.cpuSeconds).toBeGreaterThan(0.005)
  })

  it('has its number given back also when it ended while there were no descriptors to see it by', () => {
    const module = (name: string) => JSON.stringify(new URL(`../../src/process/${name}`, import.meta.url).href)
    const script = `
      import { closeSync, openSync } from 'node:fs'
      import { setTimeout as pause } from 'node:timers/promises'
      import { spawnByLibc } from ${module('spawn-by-libc.ts')}
      import { childrenOf } from ${module('tree.ts')}
      const staying = setInterval(() => {}, 60_000)
      const order = { program: 'sh', args: ['-c', 'sleep 1 &'], cwd: '/', env: { PATH: process.env.PATH } }
      await (await spawnByLibc()({ ...order, descriptors: ['ignore', 'ignore', 'ignore'] })).exited
      console.log(childrenOf(process.pid).length)
      const taken = []
      try { for (;;) taken.push(openSync('/dev/null')) } catch {}
      await pause(2_000)
      for (const fd of taken) closeSync(fd)
      while (childrenOf(process.pid).length > 0) await pause(10)
      console.log('none')
      clearInterval(staying)`
    const words = ['-c', 'ulimit -n 200; exec "$@"', 'sh', process.execPath, '--input-type=module', '-e', script]
    const { stdout } = spawnSync('sh', words, { encoding: 'utf8', timeout: 60_000 })
    expect(stdout).toBe('1\nnone\n')
  })

  it('is not taken for what Node has started, though the event loop stands still in between', async () => {
    const ofNode = Array.from({ length: 5 }, () => spawnOfNode('sh', ['-c', 'sleep 0.2; exit 7'], { stdio: 'ignore' }))
    const exits = Promise.all(ofNode.map((child) => once(child, 'exit')))
    await sh(leave)
    // While it stands still all of them end; and so again, with a look before and one after.
    for (let times = 0; times < 5; times++) {
      standStill(400)
      await pause(1)
    }
    expect(await exits).toEqual(ofNode.map(() => [7, null]))
  })
})

function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
