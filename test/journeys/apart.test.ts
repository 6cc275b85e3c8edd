/** Level 3: each worker is a user of its own in a control group of its own, whatever its task does. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Mayfly } from '../../src/client/client.ts'
import { isEnd } from '../../src/client/watch.ts'
import { USER } from '../../src/process/isolation.ts'
import { footing } from '../../src/process/level-three.ts'
import { processesWith } from '../fixtures/aftermath.ts'
import { lackOfUsers, users } from '../fixtures/levels.ts'
import { children } from '../fixtures/mayfly.ts'
import { type Orchestrator, Site } from './support/orchestrator.ts'

const lacked = lackOfUsers()
const range = users(1)
const mark = `apart-${process.pid}`
const run = promisify(execFile)

/** Those of the server with this data directory. */
function groupsOf(data: string): string[] {
  const name = `mayfly-${createHash('sha256').update(realpathSync(data)).digest('hex').slice(0, 16)}`
  const { memory, pids } = footing().group
  return [memory, pids]
    .filter((place) => place !== undefined)
    .map((place) => join(place, name))
    .filter((place) => existsSync(place))
}

function usersAlive(): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const ofOne = (pid: string) => (existsSync(`/proc/${pid}`) ? statSync(`/proc/${pid}`).uid : -1)
  return [...new Set(all.map(ofOne))].filter((user) => user >= range.first && user < range.first + range.count)
}

it.skipIf(lacked === undefined)(`level 3 is not tried here: ${lacked}`, () => {})

describe.skipIf(lacked !== undefined)('workers that are users of their own', () => {
  let site: Site
  let orchestrator: Orchestrator
  let client: Mayfly

  const start = async () => {
    orchestrator = site.start()
    await orchestrator.listening
    client = new Mayfly({ url: site.url, token: site.token })
  }

  beforeAll(async () => {
    const kinds = [children('common'), children('directories'), children('files'), children('limits')]
    site = await Site.create({ kinds, isolation: { require: USER }, users: range, sharedSlots: 3, maxLosses: 1_000 })
    await start()
  }, 60_000)

  afterAll(async () => {
    orchestrator.child.kill('SIGTERM')
    await orchestrator.exited
    // A server that stops has made no groups that stay.
    expect(groupsOf(site.data)).toEqual([])
  }, 60_000)

  async function ended(id: string) {
    for await (const event of client.watch(id)) if (isEnd(event)) break
    return client.get(id)
  }
  const exec = async (script: string, limits: Record<string, number> = {}) =>
    client.submit({
      kind: 'exec',
      input: { command: ['sh', '-c', script] },
      limits: { runSeconds: 60, ...limits },
      retry: { maxAttempts: 1 },
    })
  const workspaces = () => readdirSync(join(site.data, 'workspaces')).map((name) => join(site.data, 'workspaces', name))

  /** What somebody who is only this user of the machine, and in no sandbox, comes to. */
  const as = (user: number, ...command: string[]) =>
    run('setpriv', ['--reuid', String(user), '--regid', String(user), '--clear-groups', '--', ...command])

  it('cannot reach each other, nor the server, not even out of their sandboxes', { timeout: 60_000 }, async () => {
    const wait = () => exec(`: ${mark}; echo secret > file; sleep 600`)
    const both = await Promise.all([wait(), wait()])
    await expect
      .poll(() => workspaces().filter((path) => existsSync(join(path, 'work', 'file'))).length, { timeout: 30_000 })
      .toBe(2)
    const [one, other] = workspaces() as [string, string]
    const owners = [statSync(one).uid, statSync(other).uid] as const
    expect(owners[0]).not.toBe(owners[1])
    expect(usersAlive()).toEqual(expect.arrayContaining([...owners]))
    const victim = Number(processesWith(mark).find((pid) => statSync(`/proc/${pid}`).uid === owners[1]))
    const { pid = 0 } = orchestrator.child
    for (const file of [
      join(other, 'work', 'file'),
      ...['journal.db', 'master-key', 'admin-token'].map((name) => join(site.data, name)),
    ])
      await expect(as(owners[0], 'cat', file)).rejects.toThrow('Permission denied')
    for (const target of [victim, pid]) {
      await expect(as(owners[0], 'kill', '-0', String(target))).rejects.toThrow(/not permitted/)
      await expect(as(owners[0], 'cat', `/proc/${target}/environ`)).rejects.toThrow('Permission denied')
      await expect(as(owners[0], 'head', '-c', '1', `/proc/${target}/mem`)).rejects.toThrow('Permission denied')
    }
    for (const { id } of both) await client.cancel(id)
    for (const { id } of both) expect((await ended(id)).state).toBe('cancelled')
    expect(usersAlive()).toEqual([])
  })

  it('are ended by the kernel for memory that is no heap, and the figure is told', { timeout: 60_000 }, async () => {
    // Far faster than it could be looked at.
    const bomb = await exec('head -c 2G /dev/zero | tail -c 1G > /dev/null', { memoryMiB: 128 })
    const task = await ended(bomb.id)
    expect(task).toMatchObject({ state: 'failed', isolation: USER, error: { code: 'OUT_OF_MEMORY' } })
    const { reached = 0, allowed } = (task.error?.details ?? {}) as { reached?: number; allowed?: number }
    expect(allowed).toBe(128)
    expect(reached).toBeGreaterThan(110)
    expect(reached).toBeLessThanOrEqual(128)
  })

  it('start no more processes than the kernel lets them, and go on to nobody’s harm', { timeout: 60_000 }, async () => {
    const bomb = await exec('while :; do (exec setsid env -i sleep 600 &) ; done', { processes: 10 })
    expect(await ended(bomb.id)).toMatchObject({ state: 'failed', error: { code: 'PROCESS_LIMIT' } })
    expect(usersAlive()).toEqual([])
    expect(await ended((await exec('true')).id)).toMatchObject({ state: 'succeeded' })
  })

  it('leave nobody who shed session, parent and environment', { timeout: 60_000 }, async () => {
    const daemon = `exec setsid env -i sh -c 'sleep 600; : ${mark}left' </dev/null >/dev/null 2>&1`
    expect(await ended((await exec(`(${daemon} &) ; sleep 0.3`)).id)).toMatchObject({ state: 'succeeded' })
    expect(processesWith(`${mark}left`)).toEqual([])
    expect(usersAlive()).toEqual([])
  })

  it('work on the directory of their tenant and on uploads, whoever they are', { timeout: 60_000 }, async () => {
    for (const name of ['one', 'two', 'three']) {
      const { id } = await client.submit({ kind: 'notes', input: { write: { [name]: name } } })
      expect(await ended(id)).toMatchObject({ state: 'succeeded' })
      // Another is who that was, then.
      await ended((await exec('true')).id)
    }
    const { id } = await client.submit({ kind: 'notes', input: {} })
    const { result } = await ended(id)
    expect((result as { names: string[] }).names.sort()).toEqual(['one', 'three', 'two'])
    expect(await ended((await client.submit({ kind: 'keeps', input: {} })).id)).toMatchObject({ state: 'succeeded' })
  })

  it('are gone with their groups after the next start, when the server was killed', { timeout: 120_000 }, async () => {
    const { id } = await exec(`: ${mark}killed; echo up; sleep 600`)
    await expect.poll(() => processesWith(`${mark}killed`).length, { timeout: 30_000 }).toBeGreaterThan(0)
    await orchestrator.kill()
    const mine = groupsOf(site.data)
    expect(
      mine.flatMap((group) => readdirSync(group, { withFileTypes: true })).some((entry) => entry.isDirectory()),
    ).toBe(true)
    // One that nothing else would end, or find: it was in a sandbox of nobody's.
    const [left = ''] = mine.flatMap((group) =>
      readdirSync(group, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => join(group, name)),
    )
    const stray = execFile('setpriv', [
      '--reuid',
      String(range.first),
      '--regid',
      String(range.first),
      '--clear-groups',
      '--',
      'sleep',
      '600',
    ])
    writeFileSync(join(left, 'cgroup.procs'), String(stray.pid))
    await start()
    await expect
      .poll(() => (existsSync(`/proc/${stray.pid}`) ? readFileSync(`/proc/${stray.pid}/stat`, 'utf8') : ' Z '))
      .toMatch(/ Z /)
    expect(existsSync(left)).toBe(false)
    await expect.poll(async () => (await client.get(id)).attempt, { timeout: 30_000 }).toBe(2)
    await client.cancel(id)
    await ended(id)
    expect(usersAlive()).toEqual([])
  })
})
