/**
 * After every end of a task its secret is nowhere: whatever it came from, and however long it is. `npm run wipe` tries
 * each size with each provider and each end; without it each provider meets each end, with sizes in turn.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Mayfly } from '../../src/client/client.ts'
import { all } from '../../src/client/pages.ts'
import {
  descendantsOf,
  filesBelow,
  formsOf,
  sumOf,
  tracesInBytes,
  tracesInDescendant,
  tracesInFile,
  tracesInMemory,
} from '../../src/process/traces.ts'
import { keychain } from '../../src/secrets/providers/keychain.ts'
import { ShortLived } from '../../src/secrets/short-lived.ts'
import { lackOfKeyring, lackOfKeytar, type Session, startSession, untilThere } from '../secrets/keyring.ts'
import { kindsNamed } from './support/kinds.ts'
import { type Orchestrator, Site } from './support/orchestrator.ts'

const isWhole = process.env.MAYFLY_WIPE === 'whole'
const noKeyring = lackOfKeyring()
const noKeytar = noKeyring ?? lackOfKeytar()
type Provider = 'vault' | 'once' | 'file' | 'command' | 'keychain'
/** By what library a keychain is asked, and all that is tried with it. */
const rounds: readonly ['@napi-rs/keyring' | 'keytar', readonly Provider[]][] = [
  ['@napi-rs/keyring', ['vault', 'once', 'file', 'command', ...(noKeyring === undefined ? ['keychain' as const] : [])]],
  ...(noKeytar === undefined ? [['keytar', ['keychain']] as ['keytar', Provider[]]] : []),
]
for (const lack of new Set([noKeyring, noKeytar])) if (lack) process.stdout.write(`Left out of the wipe: ${lack}\n`)
const ends = ['success', 'failure', 'crash', 'kill'] as const
const sizes = [6, 7, 64, 65, 4096, 65_536]

/** Values begin with it, and longer ones hold it again and again. */
let filling = Buffer.alloc(12)
/** The more of it there is, the more forms of it can be told from chance. */
const formsIn = (value: Buffer) => [6, 7, 12].flatMap((bytes) => formsOf(value.subarray(0, bytes)))
let forms = formsIn(filling)

/** Any six letters may stand in the text of some program by chance. */
function fillWithWhatIsNotIn(pid: number): void {
  do filling = Buffer.from(randomBytes(12).toString('base64url'))
  while (tracesInMemory(pid, formsIn(filling)).hits > 0)
  forms = formsIn(filling)
}
/** Threads that neither copy nor encode what we hold. */
const ofV8: ReadonlySet<string> = new Set(['V8Worker', 'DelayedTaskSche'])
const sized = (bytes: number) => Buffer.alloc(bytes, filling)

const casesOf = (providers: readonly Provider[]) =>
  providers.flatMap((provider, row) =>
    ends.flatMap((end, column) =>
      (isWhole ? sizes : [sizes[(row + column) % sizes.length] as number]).map((bytes) => ({ provider, end, bytes })),
    ),
  )

describe.each(rounds)('a secret that is gone, keychains by %s', (library, providers) => {
  const cases = casesOf(providers)
  let site: Site
  let orchestrator: Orchestrator
  let session: Session | undefined
  let client: Mayfly
  const place = mkdtempSync(join(tmpdir(), 'mayfly-wipe-'))
  const temporary = mkdtempSync(join(tmpdir(), 'mayfly-wipe-tmp-'))
  const kinds = kindsNamed('ending', 'holding', 'storing')

  const settings = () => ({
    kinds,
    sharedSlots: 2,
    maxLosses: 1_000,
    askGraceSeconds: 1,
    secrets: {
      allow: { '*': ['*'] },
      keychain: { library, timeoutSeconds: 20 },
      files: { run: { path: place } },
      commands: Object.fromEntries(
        [1, ...sizes].map((bytes) => [`c${bytes}`, { command: ['cat', join(place, `f${bytes}`)] }]),
      ),
    },
  })

  const start = async () => {
    orchestrator = site.start()
    await orchestrator.listening
    client = new Mayfly({ url: site.url, token: site.token })
  }

  beforeAll(async () => {
    site = await Site.create(settings())
    site.environment = { TMPDIR: temporary }
    if (noKeyring === undefined) {
      session = await startSession()
      site.environment = { ...session.environment, TMPDIR: temporary }
    }
    await start()
    fillWithWhatIsNotIn(orchestrator.child.pid ?? 0)
    for (const bytes of [1, ...sizes]) writeFileSync(join(place, `f${bytes}`), sized(bytes), { mode: 0o400 })
    for (const bytes of sizes) await client.secrets.put(`v${bytes}`, sized(bytes))
    if (!session) return
    const { environment } = session
    const chain = keychain({ library, timeoutSeconds: 20, environment, shortLived: new ShortLived() })
    for (const bytes of [1, ...sizes]) await untilThere(() => chain.set(`wipe/k${bytes}`, sized(bytes)))
  }, 60_000)

  afterAll(async () => {
    await orchestrator?.kill()
    await session?.end()
    session?.remove()
    for (const path of [place, temporary]) rmSync(path, { recursive: true, force: true })
  })

  const referenceOf = {
    vault: 'vault:v',
    file: 'file:run/f',
    command: 'command:c',
    keychain: 'keychain:wipe/k',
  } as const
  const submit = (provider: Provider, bytes: number, kind: string, input: Record<string, string | boolean>) =>
    provider === 'once'
      ? client.submit({ kind, input }, { oneTime: { token: sized(bytes) } })
      : client.submit({
          kind,
          input,
          secrets: { token: `${referenceOf[provider as keyof typeof referenceOf]}${bytes}` },
        })

  async function ended(id: string): Promise<string> {
    let said = ''
    for await (const event of client.watch(id)) said += JSON.stringify(event)
    return said + JSON.stringify(await client.get(id))
  }

  /** In the memory of the server and all its processes, environments and command lines with it, and in files of theirs. */
  function traces(): Record<string, number> {
    const { pid = 0 } = orchestrator.child
    const ofDescendants = descendantsOf(pid).map((one) => tracesInDescendant(one, forms))
    const memory = [tracesInMemory(pid, forms), ...ofDescendants]
    const paths = [site.data, temporary].flatMap((directory) => filesBelow(directory))
    const files = paths.map((path) => tracesInFile(path, forms))
    const said = tracesInBytes(Buffer.from(orchestrator.said), forms)
    return { memory: sumOf(memory).hits, files: sumOf(files).hits, said: said.hits }
  }
  const nowhere = { memory: 0, files: 0, said: 0 }

  it(`is nowhere: ${cases.length} tasks, ${providers.join(', ')}`, { timeout: 600_000 }, async () => {
    const running = cases.map(async ({ provider, end, bytes }) => {
      const { id } = await submit(provider, bytes, 'ending', { end })
      return { provider, end, bytes, said: await ended(id) }
    })
    for (const { said, ...one } of await Promise.all(running)) {
      const outcome = { success: 'task.succeeded', failure: 'no login with', crash: 'CRASHED', kill: 'SIGKILL' }[
        one.end
      ]
      expect(said, JSON.stringify(one)).toContain(outcome)
      expect(said, JSON.stringify(one)).toContain('***')
      expect(tracesInBytes(Buffer.from(said), forms).hits, JSON.stringify(one)).toBe(0)
    }
    expect(traces()).toEqual(nowhere)
  })

  it.runIf(process.platform === 'linux')('was in no thread that is told of ended processes', () => {
    const threads = `/proc/${orchestrator.child.pid}/task`
    const told = readdirSync(threads).filter((thread) => {
      const [, blocked = ''] = /^SigBlk:\s*(\w+)/m.exec(readFileSync(join(threads, thread, 'status'), 'utf8')) ?? []
      return ((BigInt(`0x${blocked}`) >> BigInt(constants.signals.SIGCHLD - 1)) & 1n) === 0n
    })
    const names = told.map((thread) => readFileSync(join(threads, thread, 'comm'), 'utf8').trim())
    expect(names.filter((name) => !ofV8.has(name))).toEqual([])
    expect(names).not.toEqual([])
  })

  // These have theirs from the vault, whatever keychains are asked by.
  if (providers.includes('vault')) {
    it('is nowhere when a task has stored it, whether it ended or was killed', async () => {
      const run = (as: string, stay: boolean) =>
        client.submit({ kind: 'storing', input: { as, bytes: 4096, stay }, secrets: { token: 'v64' } })
      const said = await ended((await run('ended', false)).id)
      expect(said).toContain('task.succeeded')
      expect(tracesInBytes(Buffer.from(said), forms).hits).toBe(0)
      const staying = await run('killed', true)
      await expect.poll(async () => (await client.get(staying.id)).progress?.phase).toBe('used')
      await client.cancel(staying.id)
      await ended(staying.id)
      const names = (await all(client.secrets.list())).map(({ name }) => name)
      expect(names).toEqual(expect.arrayContaining(['kept/ended', 'kept/killed']))
      expect(traces()).toEqual(nowhere)
    })

    it('is nowhere when a task is ended in the middle of what it has stored', async () => {
      for (let times = 0; times < 4; times++) {
        const input = { as: 'often', bytes: 16_000 - times * 1_000, times: 900 }
        const limits = { outputMiB: 1 }
        const { id } = await client.submit({ kind: 'storing', input, secrets: { token: 'v64' }, limits })
        expect(await ended(id)).toContain('OUTPUT_LIMIT')
        expect(traces()).toEqual(nowhere)
      }
    })

    it('is nowhere when commands print it, in pieces and in floods', async () => {
      const script = fileURLToPath(new URL('support/blurt.mjs', import.meta.url))
      const running = sizes.map(async (bytes) => {
        const { id } = await client.submit({
          kind: 'exec',
          input: {
            command: [process.execPath, '--input-type=module', '-e', readFileSync(script, 'utf8')],
            secretEnv: { SECRET: 'token' },
          },
          secrets: { token: `v${bytes}` },
        })
        return ended(id)
      })
      for (const said of await Promise.all(running)) {
        expect(said).toContain('task.succeeded')
        expect(said).toContain('***')
        expect(tracesInBytes(Buffer.from(said), forms).hits).toBe(0)
      }
      expect(traces()).toEqual(nowhere)
    })
  }

  if (isWhole || providers.includes('vault')) {
    it('is nowhere when the server was killed with the tasks that had it', async () => {
      const held = await Promise.all(providers.map((provider) => submit(provider, 4096, 'holding', { stay: true })))
      const used = async () => {
        const tasks = await Promise.all(held.map(({ id }) => client.get(id)))
        return tasks.filter(({ progress }) => progress?.phase === 'used').length
      }
      await expect.poll(used).toBeGreaterThanOrEqual(Math.min(2, held.length))
      // What the search would find otherwise.
      const { pid = 0 } = orchestrator.child
      expect(tracesInMemory(pid, forms).hits).toBeGreaterThan(0)
      await orchestrator.kill()
      await start()
      for (const { id } of held) await client.cancel(id)
      for (const { id } of held) await ended(id)
      expect(traces()).toEqual(nowhere)
    })
  }

  it('of one byte, which is everywhere, is not even taken', async () => {
    await expect(client.secrets.put('v1', sized(1))).rejects.toThrow('a secret needs at least 6 bytes')
    await expect(submit('once', 1, 'ending', { end: 'success' })).rejects.toThrow('a secret needs at least 6 bytes')
    for (const provider of providers.filter((one) => one !== 'vault' && one !== 'once')) {
      const { id } = await submit(provider, 1, 'ending', { end: 'success' })
      expect(await ended(id)).toContain('is not lent: a secret needs at least 6 bytes')
    }
  })
})
