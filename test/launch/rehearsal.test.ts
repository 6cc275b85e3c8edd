import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { link, linkedIn } from '../../src/launch/link.ts'
import { rehearsal } from '../../src/launch/rehearsal.ts'
import { Standbys, type Taken } from '../../src/launch/standbys.ts'
import { warm } from '../../src/launch/warm.ts'
import { takeUpCode } from '../../src/load-code.ts'
import type { Worker } from '../../src/process/worker.ts'
import { FRAME } from '../../src/protocol/frame.ts'
import type { KindFrame, RehearseFrame } from '../../src/protocol/messages.ts'
import { systemClock } from '../../src/system/clock.ts'
import { bornHere } from '../fixtures/birth.ts'
import { writeRehearsed } from '../fixtures/rehearsed.ts'
import { tell } from '../fixtures/told.ts'

const directory = mkdtempSync(join(tmpdir(), 'mayfly-rehearsal-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const told = { module: writeRehearsed(directory), kept: join(directory, 'kept') }
const program = fileURLToPath(new URL('../../workers/main.ts', import.meta.url))
const limits = { memoryMiB: 64, workspaceMiB: 64, fileMiB: 64, openFiles: 64, processes: 8 }
const profile = { ...limits, workspace: 'disk', preload: [], network: 'host', mounts: [], isLean: false } as const

const logger = pino({ enabled: false })
const path = { PATH: process.env.PATH ?? '' }
const inCache = (cache: string) => ({ ...path, NODE_COMPILE_CACHE: cache })

async function discard(worker: Worker): Promise<void> {
  worker.letGo()
  worker.kill()
  await worker.emptied()
}

describe('a worker that stands by', () => {
  let standbys: Standbys
  beforeEach(() => {
    standbys = new Standbys(
      {
        ...{ most: 1, mostMiB: 256, reserveMiB: 0, rememberMs: 60_000, stayMs: 60_000, ageMs: 60_000 },
        ...{ birthsAtOnce: 1, startDeadlineMs: 60_000, slots: { critical: 1, shared: 1 } },
        ...{
          floors: { critical: 1, normal: 0, batch: 0 },
          expected: { critical: profile, normal: profile, batch: profile },
        },
      },
      {
        bear: () => bornHere({ id: `rehearsal-${process.pid}`, program, directory }),
        discard,
        memory: { availableMiB: () => 10_000, ofOneMiB: () => undefined },
        clock: systemClock,
        logger,
      },
    )
    standbys.open()
  })
  afterEach(() => standbys.close())

  it('has rehearsed when it was up before it was taken', async () => {
    await expect.poll(() => standbys.has('critical', profile)).toBe(true)
    const { worker, wasUp } = standbys.take('critical', profile) as Taken
    expect(wasUp).toBe(true)
    expect((await tell(await worker, told)).result).toBe(true)
  })

  it('loses no time with that when it is taken on its way', async () => {
    let taken: Taken | undefined
    while (!taken) {
      await new Promise(setImmediate)
      taken = standbys.take('critical', profile)
    }
    expect(taken.wasUp).toBe(false)
    expect((await tell(await taken.worker, told)).result).toBe(false)
  })
})

it('loads what it is told the text of without looking for it', async () => {
  const worker = await bornHere({ id: `text-${process.pid}`, program, directory })
  await worker.spoke
  const module = join(directory, 'nowhere.ts')
  const text = 'const one = 1\nexport default { run: () => one }'
  worker.send(FRAME.KIND, { module, text } satisfies KindFrame)
  expect((await tell(worker, { ...told, module })).result).toBe(1)
})

describe('a worker that is to rehearse', () => {
  it('finds all that it needs for that in the compile cache', async () => {
    const cache = join(directory, 'cache')
    const environment = inCache(cache)
    const linked = await link(program, directory, path, logger)
    await warm(linked, environment)
    const kept = readdirSync(cache, { recursive: true })
    const worker = await bornHere({ id: `warm-${process.pid}`, program: linked, directory, environment })
    await worker.spoke
    await worker.deliver(FRAME.REHEARSE, rehearsal)
    worker.letGo()
    expect(await worker.exited).toEqual({ code: 85, signal: null })
    await worker.emptied()
    expect(readdirSync(cache, { recursive: true })).toEqual(kept)
  })

  it('costs a start no more than its own program, since an earlier one has compiled the rest of the same code', async () => {
    const caches = ['first', 'second'].map((name) => join(directory, name))
    for (const cache of caches) await takeUpCode({ environment: path, logger }, inCache(cache), cache)
    const [, cache = ''] = caches
    const found = readdirSync(cache, { recursive: true }).length
    await warm(linkedIn(cache), inCache(cache))
    // Its path is another in each cache; and there are two ways to start it.
    expect(readdirSync(cache, { recursive: true })).toHaveLength(found + 2)
  })

  it('does its task all the same where it cannot', async () => {
    const worker = await bornHere({ id: `unrehearsed-${process.pid}`, program, directory })
    await worker.spoke
    worker.send(FRAME.REHEARSE, { kinds: [{ module: join(directory, 'gone.ts') }] } satisfies RehearseFrame)
    expect((await tell(worker, told)).result).toBe(false)
  })
})
