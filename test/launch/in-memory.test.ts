import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ArtifactPage } from '../../src/contract/artifact.ts'
import type { Explanation } from '../../src/contract/explanation.ts'
import { Workspaces } from '../../src/files/workspaces.ts'
import { Census } from '../../src/process/census.ts'
import { takeOver } from '../../src/system/zeroable.ts'
import { defaultLimits } from '../../src/task/limits.ts'
import { expectAftermath } from '../fixtures/aftermath.ts'
import { filesWith } from '../fixtures/canary.ts'
import { isInstalled } from '../fixtures/installed.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { Site } from '../journeys/support/orchestrator.ts'

const limits = { ...defaultLimits, memoryMiB: 50 }
const kinds = [children('common'), children('in-memory')]
const newCanary = () => Buffer.from(randomBytes(24).toString('hex'))

describe.skipIf(!isInstalled('bwrap'))('a task whose files are in memory', () => {
  let mayfly: TestMayfly
  beforeAll(async () => {
    mayfly = await startMayfly({ config: { kinds, isolation: { require: 2 }, memoryMiB: 300, limits, standby: 4 } })
  })
  afterAll(() => mayfly.remove())

  const run = (does: string, more: object = {}) => mayfly.run({ kind: 'work-in-memory', input: { does, ...more } })

  it('has all of them there, in one place of the size of its limit; artifacts, uploads and what it keeps as ever', async () => {
    const canary = newCanary()
    const upload = await mayfly.upload(Buffer.from('an upload'))
    const task = await run('tell', { canary: canary.toString(), upload: upload.id })
    const inMemory = { isMemory: true, mebibytes: 8 }
    const places = { workspace: inMemory, HOME: inMemory, TMPDIR: inMemory, tmp: inMemory, shm: inMemory }
    expect(task).toMatchObject({ state: 'succeeded', result: { cwd: true, upload: 'an upload', places } })
    const artifact = await mayfly.call('GET', `/tasks/${task.id}/artifacts/own.txt`)
    expect(await artifact.text()).toBe('an artifact')
    await expectAftermath(mayfly, task.id)
  })

  it('leaves none of them on the disk while it runs, and has its workspace there for the rest', async () => {
    const canary = newCanary()
    const { id } = await mayfly.submit({ kind: 'work-in-memory', input: { does: 'wait', canary: canary.toString() } })
    await mayfly.untilText(id, 'written')
    const { worker = '' } = mayfly.attempts(id)[0] ?? {}
    expect(readdirSync(join(mayfly.data, 'workspaces', worker))).toEqual([])
    expect(filesWith(join(mayfly.data, 'workspaces'), canary)).toEqual([])
    await mayfly.cancel(id)
    await mayfly.settled(id)
    await expectAftermath(mayfly, id)
  })

  it.each([
    ['it finds no more room', 'fill', /^its files took 8 MiB or more, its limit is 8 MiB: .*ENOSPC/],
    ['a command finds no more room', 'fill and tidy', /^its files took 8 MiB or more, its limit is 8 MiB/],
    ['what has no name and what is on disk are more together', 'hide', /^its files took 9[.\d]* MiB or more/],
    ['they are very many, and there is nothing in them', 'scatter', /^its files took (8|9)[.\d]* MiB or more/],
  ])('ends by their limit when %s', async (_, does, says) => {
    const task = await run(does)
    const details = { limit: 'workspaceMiB', allowed: 8 }
    expect(task).toMatchObject({
      state: 'failed',
      outcome: 'stopped',
      error: { code: 'DISK_LIMIT', message: expect.stringMatching(says), details },
    })
  })

  it('is charged for what they may take, and told so when that is too much', async () => {
    const task = { kind: 'work-in-memory', input: { does: 'wait' } }
    const [one, two] = [await mayfly.submit(task), await mayfly.submit({ ...task, limits: { memoryMiB: 84 } })]
    await mayfly.untilText(one.id, 'written')
    // 208 and 92 MiB are as much as there is.
    await mayfly.untilText(two.id, 'written')
    await mayfly.cancel(two.id)
    await mayfly.settled(two.id)
    const third = await mayfly.submit({ ...task, limits: { memoryMiB: 85 } })
    const { blockedBy } = await mayfly.get<Explanation>(`/tasks/${third.id}/explain`)
    const detail = expect.stringContaining('it may use 93 MiB by its limits')
    expect(blockedBy).toContainEqual(expect.objectContaining({ rule: 'memory', detail }))
    for (const { id } of [one, third]) {
      await mayfly.cancel(id)
      await mayfly.settled(id)
    }
    const tooLarge = await mayfly.call('POST', '/tasks', { ...task, limits: { workspaceMiB: 150 } })
    expect(tooLarge.status).toBe(422)
    expect(await tooLarge.json()).toMatchObject({
      detail: expect.stringContaining('whose 150 MiB are in memory too, are 350'),
    })
  })

  it('finds a worker that stands by for it', async () => {
    await Promise.all([run('keep'), run('keep', { again: true })])
    const findsOne = async () => {
      const waiting = new Workspaces(join(mayfly.data, 'workspaces')).leftover()
      const task = await run('tell')
      expect(task).toMatchObject({ result: { places: { workspace: { isMemory: true, mebibytes: 8 } } } })
      return waiting.includes(mayfly.attempts(task.id)[0]?.worker ?? '')
    }
    // Those that wait for others are counted with it.
    await expect.poll(findsOne).toBe(true)
  })

  it('leaves nothing when its orchestrator is killed, and finds nothing when it runs again', async () => {
    const canary = newCanary()
    const site = await Site.create({
      kinds,
      limits,
      isolation: { require: 2 },
      stopGraceSeconds: 0,
      askGraceSeconds: 1,
    })
    const killed = site.start()
    await killed.listening
    const ask = { kind: 'work-in-memory', input: { does: 'wait', canary: canary.toString() } }
    const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', ask)
    const texts = async () => JSON.stringify(await site.json('GET', `/v1/tasks/${id}/events`))
    await expect.poll(texts).toContain('written')
    const leftover = new Workspaces(join(site.data, 'workspaces')).leftover()
    const processes = () => new Census().look((worker) => leftover.includes(worker)).marked
    const file = (pid: number) => `/proc/${pid}/root/tmp/mayfly/work/deep/canary`
    const held = processes().find(({ pid }) => existsSync(file(pid)))
    expect(readFileSync(file(held?.pid ?? 0), 'utf8')).toBe(canary.toString())
    await killed.kill()
    await expect.poll(processes).toEqual([])
    expect(filesWith(join(site.data, 'workspaces'), canary)).toEqual([])
    const next = site.start()
    await next.listening
    const now = new Workspaces(join(site.data, 'workspaces')).leftover()
    expect(now.filter((worker) => leftover.includes(worker))).toEqual([])
    await next.kill('SIGTERM')
    rmSync(dirname(site.data), { recursive: true })
  })
})

describe.skipIf(!isInstalled('bwrap'))('files in memory of all kinds that say nothing', () => {
  it('are where commands work; what is told of a worker is on the disk, and kept', async () => {
    const small = { ...limits, workspaceMiB: 16 }
    const hung = [children('hung'), children('common')]
    const mayfly = await startMayfly({
      config: { kinds: hung, isolation: { require: 2 }, workspace: 'memory', limits: small },
    })
    const told = await mayfly.run({
      kind: 'exec',
      input: { command: ['sh', '-c', 'pwd; df --output=fstype . ~ | tail -2'] },
    })
    expect(await mayfly.texts(told.id, 'stdout')).toEqual(['/tmp/mayfly/work', 'tmpfs', 'tmpfs'])
    await mayfly.vault.put('default', 'token', takeOver(Buffer.from('canary-Zq7Wf3Lk9Xv2Tn5Rb8Md4Hc6Jp1')), Date.now())
    const ask = { kind: 'hang', input: { how: 'return' }, secrets: { token: 'vault:token' } }
    const first = await mayfly.run(ask)
    const answer = await mayfly.call('POST', `/tasks/${first.id}/retry`, { debug: true })
    const { id } = (await answer.json()) as { id: string }
    expect(await mayfly.settled(id)).toMatchObject({ state: 'succeeded' })
    const { items } = await mayfly.get<ArtifactPage>(`/tasks/${id}/artifacts`)
    expect(items.map(({ name }) => name)).toContain('diagnostics/cpu.cpuprofile')
    await mayfly.remove()
  })
})

describe('files in memory below isolation level 2', () => {
  it('are refused, of a kind and of a server, with what it takes', async () => {
    const mayfly = await startMayfly({ config: { kinds, isolation: { atMost: 1 } } })
    const answer = await mayfly.call('POST', '/tasks', { kind: 'work-in-memory', input: {} })
    const detail = expect.stringContaining('that takes isolation level 2 and bubblewrap 0.7')
    expect([answer.status, await answer.json()]).toEqual([403, expect.objectContaining({ detail })])
    await mayfly.remove()
    const started = startMayfly({ config: { workspace: 'memory', isolation: { atMost: 1 } } })
    await expect(started).rejects.toThrow(/^workspace is memory, which takes isolation level 2/)
  })
})
