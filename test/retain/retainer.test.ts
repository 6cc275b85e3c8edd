import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { ArtifactStore } from '../../src/files/artifacts.ts'
import { UploadStore } from '../../src/files/uploads.ts'
import type { Journal } from '../../src/journal/journal.ts'
import { Retainer } from '../../src/retain/retainer.ts'
import { newTaskId } from '../../src/system/ids.ts'
import { systemLogger } from '../../src/system/logger.ts'
import { claimMove, runMove, sampleEvent, sampleTask, settlingMove, succeedMove } from '../contracts/samples.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { bell, openIn, temporaryDirectory } from '../journal/sqlite/fixture.ts'

const patience = { timeout: 15_000 }
const dayMs = 86_400_000
const policy = { retainDays: 7, retainTasks: 1_000, retainUploadHours: 24 }

async function* one(text: string) {
  yield Buffer.from(text)
}

describe('the retainer', () => {
  it('forgets what is old, the files after the records, by its own clock', async () => {
    const place = temporaryDirectory()
    const journal: Journal = await openIn(place.directory)
    const artifacts = new ArtifactStore(join(place.directory, 'artifacts'))
    const uploads = new UploadStore(join(place.directory, 'uploads'))
    const { clock: timer, ring } = bell()
    let now = Date.now()
    const clock = { ...timer, now: () => now }
    const retainer = new Retainer({ journal, artifacts, uploads, clock, logger: systemLogger('silent'), policy })
    const tasks = await Promise.all(Array.from({ length: 120 }, () => settledTask(journal)))
    const upload = { id: newTaskId(), tenant: 'acme', at: now, ...(await uploads.write('acme', 'x', one('x'))) }
    await journal.uploads.add(upload, { bytes: 10, count: 1 })
    const there = async () => (await journal.tasks({ tenant: 'acme', limit: 1_000 })).tasks.length
    const until = async (count: number) => {
      await expect
        .poll(async () => {
          ring()
          return there()
        }, patience)
        .toBe(count)
    }

    retainer.start()
    now += 6 * dayMs
    ring()
    expect(await there()).toBe(tasks.length)
    await expect
      .poll(() => {
        ring()
        return journal.uploads.known([upload.id])
      }, patience)
      .toEqual([])
    now += 2 * dayMs
    await until(0)
    const stopping = retainer.stop()
    ring()
    await stopping
    await journal.close()
    place.remove()
  })
})

async function settledTask(journal: Journal): Promise<string> {
  const task = sampleTask()
  await journal.add(task, sampleEvent())
  await journal.move(claimMove(task))
  await journal.move(runMove(task.id, 1))
  await journal.move(settlingMove(task.id, 1))
  await journal.move(succeedMove(task.id, 1, { change: { state: 'succeeded', settledAt: Date.now() } }))
  return task.id
}

describe('a Mayfly that keeps little', () => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    mayfly = await startMayfly({ config: { kinds: [children('files'), children('output')], maxTaskEvents: 1_000 } })
  })
  afterAll(() => mayfly.remove())

  it('tells a subscriber what of a long log it cannot have any more', async () => {
    // Lines that come all at once would share events.
    const several = 'for i in 0 1 2 3 4 5; do seq $((i*1000+1)) $((i*1000+1000)); sleep 0.2; done'
    const task = await mayfly.run({ kind: 'exec', input: { command: ['sh', '-c', several] } })
    expect(task.state).toBe('succeeded')
    const page = await mayfly.get<{ firstSeq: number; lastSeq: number }>(`/tasks/${task.id}/events?limit=1`)
    expect(page.firstSeq).toBeGreaterThan(1)
    const { gaps, seqs } = await follow(mayfly, task.id)
    expect(gaps).toEqual([page.firstSeq])
    expect(seqs).toEqual(Array.from({ length: page.lastSeq - page.firstSeq + 1 }, (_, at) => page.firstSeq + at))
    const lines = (await (await mayfly.call('GET', `/tasks/${task.id}/log`)).text()).trim().split('\n')
    expect(lines.at(-1)).toBe('6000')
  })

  it('has only the newest of artifacts that attempts have replaced', async () => {
    const retry = { maxAttempts: 3, backoffSeconds: 0 }
    const task = await mayfly.run({ kind: 'keeps', input: { names: ['a', 'b'], fail: true }, retry })
    expect(task.attempt).toBe(3)
    await expect.poll(() => readdirSync(join(mayfly.data, 'artifacts', task.id)), patience).toHaveLength(2)
    const response = await mayfly.call('GET', `/tasks/${task.id}/artifacts/a`)
    expect(await response.text()).toBe('bytes of a')
    expect(existsSync(join(mayfly.data, 'kept', task.id))).toBe(false)
  })
})

/** A subscription from the beginning until it is live. */
async function follow(mayfly: TestMayfly, task: string): Promise<{ gaps: number[]; seqs: number[] }> {
  const headers = { authorization: `Bearer ${mayfly.token}` }
  const socket = new WebSocket(`${mayfly.url.replace('http', 'ws')}/v1/stream`, 'mayfly.v1', { headers })
  const gaps: number[] = []
  const seqs: number[] = []
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('open', () => socket.send(JSON.stringify({ type: 'subscribe', ref: 'r', task, after: 0 })))
    socket.on('message', (data) => {
      const message = JSON.parse(String(data))
      if (message.type === 'gap') gaps.push(message.firstSeq)
      if (message.type === 'event') seqs.push(message.seq)
      if (message.type === 'live') resolve()
    })
  })
  socket.close()
  return { gaps, seqs }
}
