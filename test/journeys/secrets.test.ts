import { randomBytes } from 'node:crypto'
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { seal } from '../../src/client/seal.ts'
import { filesWith, hitsInMemory, processesIn, processesThatShow } from '../fixtures/canary.ts'
import { kindsNamed } from './support/kinds.ts'
import { type Orchestrator, Site, standingBy } from './support/orchestrator.ts'
import { Watcher } from './support/watcher.ts'

const kinds = kindsNamed('holding')

let orchestrator: Orchestrator | undefined
afterEach(() => orchestrator?.kill())

/** Long, and unlike anything else: what is found of it is it. */
const newCanary = () => Buffer.from(randomBytes(32).toString('hex'))

async function start(settings: Readonly<Record<string, unknown>> = {}, program?: readonly string[]): Promise<Site> {
  const site = await Site.create({ kinds, sharedSlots: 2, maxLosses: 1_000, ...standingBy, ...settings })
  orchestrator = site.start(program)
  await orchestrator.listening
  return site
}

async function store(site: Site, name: string, value: Buffer): Promise<void> {
  const { publicKey } = await site.json<{ publicKey: string }>('GET', '/v1/secrets/public-key')
  await site.json('PUT', `/v1/secrets/${name}`, { sealed: await seal(publicKey, name, value) })
}

async function hold(site: Site, input: { wipe?: boolean; stay?: boolean }) {
  const request = { kind: 'holding', input, secrets: { token: 'vault:canary' }, retry: { maxAttempts: 3 } }
  const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', request)
  return { id, watcher: new Watcher(site, id) }
}

async function used(site: Site, id: string): Promise<void> {
  const isUsed = async () => {
    const { progress } = await site.json<{ progress: { phase: string } | null }>('GET', `/v1/tasks/${id}`)
    return progress?.phase
  }
  await expect.poll(isUsed).toBe('used')
}

const inWorkersOf = (site: Site, canary: Buffer) =>
  processesIn(site.data).reduce((sum, pid) => sum + hitsInMemory(pid, canary), 0)

describe.each([
  { level: 2, isolation: 'auto', kills: 5 },
  { level: 0, isolation: { atMost: 0 }, kills: 3 },
])('a sealed secret, at level $level', ({ isolation, kills }) => {
  it('is nowhere in memory once it was used and wiped', { timeout: 300_000 }, async () => {
    const canary = newCanary()
    const site = await start({ isolation })
    const { pid = 0 } = orchestrator?.child ?? {}
    await store(site, 'canary', canary)
    expect(hitsInMemory(pid, canary)).toBe(0)

    const keeping = await hold(site, { stay: true })
    await used(site, keeping.id)
    // This is what would be found if it were not wiped.
    expect(inWorkersOf(site, canary)).toBeGreaterThan(0)
    expect(hitsInMemory(pid, canary)).toBeGreaterThan(0)
    await site.json('POST', `/v1/tasks/${keeping.id}/cancel`, {})
    await keeping.watcher.done

    const wiping = await hold(site, { stay: true, wipe: true })
    await used(site, wiping.id)
    expect(processesIn(site.data).length).toBeGreaterThan(0)
    expect(inWorkersOf(site, canary)).toBe(0)
    await site.json('POST', `/v1/tasks/${wiping.id}/cancel`, {})
    await wiping.watcher.done
    expect(hitsInMemory(pid, canary)).toBe(0)
  })

  it('shows in no environment, no command line, no file and no log, also when Mayfly is killed', {
    timeout: 300_000,
  }, async () => {
    const canary = newCanary()
    const site = await start({ isolation })
    await store(site, 'canary', canary)
    const shown = new Set<number>()
    let isOver = false
    const looking = (async () => {
      for (; !isOver; await sleep(40)) for (const pid of processesThatShow(canary)) shown.add(pid)
    })()

    const tasks = await Promise.all(Array.from({ length: 12 }, () => hold(site, {})))
    for (let kill = 0; kill < kills; kill++) {
      await sleep(Math.random() * 400)
      await orchestrator?.kill()
      orchestrator = site.start()
      await orchestrator.listening
    }
    for (const { watcher } of tasks) expect((await watcher.done).type).toBe('task.succeeded')
    isOver = true
    await looking

    expect([...shown]).toEqual([])
    expect(filesWith(site.data, canary)).toEqual([])
    expect(orchestrator?.said).not.toContain(canary.toString())
    const { items } = await site.json<{ items: { action: string }[] }>('GET', '/v1/audit?limit=1000')
    const uses = items.filter(({ action }) => action === 'secret.used')
    expect(uses.length).toBeGreaterThanOrEqual(tasks.length)
  })
})

describe('a secret for a worker that does not read it', () => {
  const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url))

  it.each(['ready-then-exit', 'never-ready', 'told-then-exit'])(
    'is nowhere in memory when it has settled: %s',
    {
      timeout: 180_000,
    },
    async (worker) => {
      const program = [join(fixtures, 'with-workers.ts'), join(fixtures, `children/programs/${worker}.ts`)]
      const site = await start({ startDeadlineSeconds: 2, maxStartFailures: 1, exitGraceSeconds: 1 }, program)
      const { pid = 0 } = orchestrator?.child ?? {}
      const canary = newCanary()
      // More than a pipe holds: some of it is still to be sent when the worker goes.
      const large = Buffer.alloc(64 * 1024, canary)
      const names = Array.from({ length: 12 }, (_, number) => `large${number}`)
      for (const name of names) await store(site, name, large)
      const secrets = Object.fromEntries(names.map((name) => [name, `vault:${name}`]))
      const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', {
        kind: 'exec',
        input: { command: ['true'] },
        secrets,
        retry: { maxAttempts: 1 },
      })
      expect((await new Watcher(site, id).done).type).toBe('task.failed')
      expect(hitsInMemory(pid, canary)).toBe(0)
      expect(filesWith(site.data, canary)).toEqual([])
      expect((await site.request('GET', '/healthz')).status).toBe(200)
    },
  )
})

describe('a server whose master key is not the one of its secrets', () => {
  async function restartWith(change: (path: string) => void): Promise<Orchestrator> {
    const site = await start()
    await store(site, 'canary', newCanary())
    await orchestrator?.kill('SIGTERM')
    change(join(site.data, 'master-key'))
    orchestrator = site.start()
    await orchestrator.exited
    return orchestrator
  }

  const replace = (path: string, bytes: Uint8Array) => {
    chmodSync(path, 0o600)
    writeFileSync(path, bytes)
  }

  it.each([
    ['lost', (path: string) => rmSync(path), 'is missing', '--forget-secrets'],
    ['wrong', (path: string) => replace(path, randomBytes(32)), 'is not the one', '--forget-secrets'],
    ['cut off', (path: string) => replace(path, readFileSync(path).subarray(0, 31)), 'of 32 bytes', 'from a backup'],
    ['empty', (path: string) => replace(path, Buffer.alloc(0)), 'of 32 bytes', 'from a backup'],
  ])('does not start, and says which file and what to do: %s', async (_what, change, says, advice) => {
    const { child, said } = await restartWith(change)
    expect(child.exitCode).toBe(78)
    const [sentence = ''] = said.split('\n').filter((line) => line.startsWith('mayfly: '))
    for (const part of ['/master-key', says, advice]) expect(sentence).toContain(part)
  })
})
