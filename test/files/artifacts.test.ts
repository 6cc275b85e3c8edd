import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ArtifactPage } from '../../src/contract/artifact.ts'
import { ArtifactStore } from '../../src/files/artifacts.ts'
import { type Ask, children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

describe('artifacts', () => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    mayfly = await startMayfly({ config: { kinds: [children('files')] } })
  })
  afterAll(() => mayfly.remove())

  const keep = (input: object, more: Partial<Ask> = {}) => mayfly.run({ kind: 'keeps', input, ...more } as Ask)
  const list = async (id: string) => (await mayfly.get<ArtifactPage>(`/tasks/${id}/artifacts`)).items
  const download = (id: string, name: string) =>
    mayfly.call('GET', `/tasks/${id}/artifacts/${encodeURIComponent(name)}`)
  const bytesOf = (name: string) => `bytes of ${name}`

  it('are moved where that is asked for, without a copy, unless they have another name elsewhere', async () => {
    const task = await mayfly.run({ kind: 'moves', input: {} })
    expect(task).toMatchObject({ state: 'succeeded', result: { isSame: true, left: [false, false, true] } })
    for (const [name, text] of [
      ['own', 'its own'],
      ['named', 'has another name'],
    ] as const) {
      const response = await mayfly.call('GET', `/tasks/${task.id}/artifacts/${name}`)
      expect(await response.text()).toBe(text)
    }
  })

  it('are kept under the names that the task gave them, and downloaded as they were', async () => {
    const names = ['report.json', 'logs/2026/a b.txt', 'ü🦋.bin', "it's (one) *.txt", '__proto__', 'a'.repeat(255)]
    const task = await keep({ names, contentType: 'text/plain; charset=utf-8' })
    expect((await list(task.id)).map(({ name }) => name).sort()).toEqual(names.toSorted())
    for (const name of names) {
      const response = await download(task.id, name)
      expect(await response.text()).toBe(bytesOf(name))
      const sha256 = createHash('sha256').update(bytesOf(name)).digest('hex')
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'text/plain; charset=utf-8',
        'content-disposition': expect.stringMatching(/^attachment; filename/),
        'x-content-type-options': 'nosniff',
        etag: `"${sha256}"`,
      })
    }
  })

  it('are announced by an event each, before the end of the task', async () => {
    const task = await keep({ names: ['a', 'b'] })
    const events = (await mayfly.events(task.id)).slice(-3)
    expect(events.map(({ type, data }) => [type, data.name])).toEqual([
      ['task.artifact', 'a'],
      ['task.artifact', 'b'],
      ['task.succeeded', undefined],
    ])
    expect(events[0]?.data).toEqual({
      name: 'a',
      bytes: 10,
      sha256: createHash('sha256').update(bytesOf('a')).digest('hex'),
      contentType: 'application/octet-stream',
    })
  })

  it('of a task that failed are kept too', async () => {
    const task = await keep({ fail: true })
    expect(task.state).toBe('failed')
    expect(await (await download(task.id, 'one.txt')).text()).toBe(bytesOf('one.txt'))
  })

  it('with the same name replace each other', async () => {
    const task = await keep({ names: ['a', 'a', 'a'] })
    expect(await list(task.id)).toHaveLength(1)
  })

  it.each(['../x', '/etc/passwd', 'a/../../b', '.', 'a//b', '-rf', 'a/-rf', 'a\\b', 'a\nb', '', 'x'.repeat(256)])(
    'are not kept under the name %j',
    async (name) => {
      const task = await keep({ names: [name] })
      expect(task).toMatchObject({ state: 'failed', error: { message: expect.stringMatching(/name/) } })
      expect(await list(task.id)).toEqual([])
    },
  )

  it.each(['link', 'directory', 'hard', 'fifo', 'gone'])('are left out when they turn into a %s', async (how) => {
    const task = await keep({ names: ['bent', 'straight'], how })
    expect((await list(task.id)).map(({ name }) => name)).toEqual(['straight'])
    expect(mayfly.leftovers(task.id)).toEqual({ processes: [], workspaces: [] })
    expect(await mayfly.texts(task.id, 'log')).toEqual([expect.stringMatching(/^the artifact bent was left out: /)])
  })

  it('are all left out when a link is where they were put', async () => {
    const task = await keep({ how: 'link to its directory' })
    expect(await list(task.id)).toEqual([])
    const text = 'all artifacts were left out: something else is where they were put'
    expect(await mayfly.texts(task.id)).toContain(text)
  })

  it('leave nothing but their bytes in the store', async () => {
    const task = await keep({ names: ['x/y', 'z'] })
    const files = readdirSync(join(mayfly.data, 'artifacts', task.id))
    expect(files).toHaveLength(2)
    expect(files.every((file) => /^[\w-]{22}$/.test(file))).toBe(true)
  })

  it('of later attempts share the limit with those that stay of earlier ones', async () => {
    const limits = { workspaceMiB: 1 }
    const retry = { maxAttempts: 2, backoffSeconds: 0 }
    const bytes = 600 * 1024
    const task = await mayfly.run({ kind: 'keeps-more', input: { bytes }, limits, retry })
    expect((await list(task.id)).map(({ name }) => name)).toEqual(['of-1'])
  })

  it('beyond the limit that they share are left out', async () => {
    const from = mkdtempSync(join(tmpdir(), 'mayfly-artifacts-'))
    for (const number of [1, 2, 3]) writeFileSync(join(from, String(number)), 'x'.repeat(40 * number))
    const store = new ArtifactStore(join(from, 'store'))
    const reported = [1, 2, 3].map((number) => ({ number, name: `a${number}`, contentType: 'text/plain' }))
    const { artifacts, leftOut } = await store.collect('task', reported, from, { bytes: 170, count: 9, now: 1 })
    expect(artifacts.map(({ name, bytes }) => [name, bytes])).toEqual([
      ['a1', 40],
      ['a2', 80],
    ])
    expect(leftOut).toEqual([expect.stringContaining('a3 was left out: it is too large')])
    const [third] = reported.slice(2)
    const beyond = await store.collect('task', third ? [third] : [], from, { bytes: 170, count: 0, now: 1 })
    expect(beyond).toEqual({ artifacts: [], leftOut: [expect.stringContaining('at most 1000 artifacts')] })
    rmSync(from, { recursive: true })
  })

  it('that are not there are unknown', async () => {
    const task = await keep({})
    for (const name of ['none', '..%2f..%2fmaster-key', 'one.txt/', '']) {
      const response = await mayfly.call('GET', `/tasks/${task.id}/artifacts/${name}`)
      expect(response.status).toBe(404)
    }
  })
})
