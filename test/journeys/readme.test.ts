/**
 * The README, pasted: every shell command that it shows is run, in its order, against a real server in a directory of its
 * own. What would need a network is done with what is installed: `npm pack` packs sources from here, and the packages'
 * tests need no library.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Mayfly } from '../../src/client/client.ts'
import { isEnd } from '../../src/client/watch.ts'
import { readConfig } from '../../src/config/read.ts'
import { filesWith } from '../fixtures/canary.ts'
import { isInstalled } from '../fixtures/installed.ts'
import { bin, type Orchestrator, Site, standingBy } from './support/orchestrator.ts'
import { processesWith, workspacesOf } from './support/traces.ts'

const root = new URL('../..', import.meta.url).pathname
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const tenants = ['acme', 'globex'] as const
const password = 'correct-horse-battery-staple'

/** The shell blocks below each heading. */
const blocks: ReadonlyMap<string, readonly string[]> = new Map(
  readme.split(/^## /m).map((section) => {
    const found = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block)
    return [section.slice(0, section.indexOf('\n')), found]
  }),
)
const blocksOf = (heading: string) => blocks.get(heading) ?? []

/** What stands in the README in other languages, each once. */
const others = new Map(
  [...readme.matchAll(/```(?!sh\n)(\w+)\n(.*?)```/gs)].map(([, language, text]) => [language, text]),
)

/** The README asks with it. */
const hasCurl = isInstalled('curl')

/** Sections with a test of their own; all others are pasted one after the other, the new ones as well. */
const apart = ['Start', 'Tour', 'Write a kind']

/** What the commands need of npm, without a network. */
const npm = `npm() {
  case "$1" in
    run) shift 4; "$NODE" "$BIN" "$@";;
    pack) for name in "\${@:5}"; do tar czf "$4/$name-1.0.0.tgz" -C "packages/$name" package; done;;
    *) echo "nobody runs npm $* here" >&2; return 1;;
  esac
}
`

let directory: string
let site: Site
let orchestrator: Orchestrator

async function start(): Promise<void> {
  orchestrator = site.start()
  await orchestrator.listening
}

/** Pastes it into a shell where the server's data is in \`.mayfly\`. */
async function paste(commands: readonly string[], cwd = directory): Promise<string> {
  const script = commands
    .join('\n')
    .replaceAll('localhost:7070', `localhost:${site.port}`)
    .replace('npm install --silent --prefix .. tape && ../node_modules/.bin/tape', 'node --test')
  const { PATH = '' } = process.env
  const shell = spawn('bash', ['-c', `set -eu\n${npm}${script}`], {
    cwd,
    env: { PATH, NODE: process.execPath, BIN: bin },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [said, complaints, [code]] = await Promise.all([text(shell.stdout), text(shell.stderr), once(shell, 'close')])
  expect({ code, complaints: code === 0 ? '' : complaints + said }).toEqual({ code: 0, complaints: '' })
  return said
}

/** Two packages of sources that are linted, and two with tests that take their time. */
function layOutPackages(): void {
  const into = (name: string) => {
    const path = join(directory, 'packages', name, 'package')
    mkdirSync(join(path, 'test'), { recursive: true })
    return path
  }
  cpSync(join(root, 'node_modules/eslint/lib/rules'), into('lodash'), { recursive: true })
  cpSync(join(root, 'node_modules/fastify/lib'), into('webpack'), { recursive: true })
  const test = "require('node:test')('waits', () => new Promise((done) => setTimeout(done, 4000)))"
  for (const name of ['minimist', 'concat-map']) writeFileSync(join(into(name), 'test', 'all.js'), test)
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mayfly-readme-'))
  layOutPackages()
  const settings = {
    ...standingBy,
    sharedSlots: 2,
    allowSecretsInCommands: true,
    stopGraceSeconds: 0,
    logLevel: 'info',
  }
  site = await Site.create(settings, join(directory, '.mayfly'))
  await start()
})
afterAll(async () => {
  await orchestrator.kill()
  rmSync(directory, { recursive: true, force: true })
})

describe.skipIf(!hasCurl)('the README', () => {
  it('begins with commands that do what it says', async () => {
    const [install, ...first] = blocksOf('Start')
    expect(install).toBe('npm ci\nnpm start\n')
    const said = await paste(first)
    expect(said).toMatch(/^hello\ngoodbye\n/)
    expect(said).toMatch(/exec +normal +succeeded/)
  })

  it('goes on with commands that all work, in their order', async () => {
    const rest = [...blocks].filter(([heading]) => !apart.includes(heading)).flatMap(([, found]) => found)
    const said = await paste(rest)
    for (const part of ['"state":"queued"', '"items":[{"seq":1', '"token":"mayfly_', '"name":"deploy-token"']) {
      expect(said).toContain(part)
    }
    expect(said).not.toMatch(/"status":(4(?!09)|5)\d\d/)
  })

  it('shows the client at work as it is', async () => {
    const program = (others.get('ts') ?? '')
      .replace('./src/client/client.ts', join(root, 'src/client/client.ts'))
      .replace('http://127.0.0.1:7070', site.url)
    writeFileSync(join(directory, 'client.ts'), program)
    const said = await paste(['"$NODE" client.ts'])
    expect(said).toContain('task.queued')
    expect(said).toContain('\ntask.succeeded {')
  })

  it('shows settings that a server takes', () => {
    writeFileSync(join(directory, 'config.json'), others.get('json') ?? '')
    const { pools, byKind, tenant } = readConfig(['--config', join(directory, 'config.json')], {})
    expect([pools.normal.min, pools.batch.windows.length, byKind.lint?.running, tenant.poolRunning.batch]).toEqual([
      1, 1, 2, 2,
    ])
  })

  it('shows whose identity tokens may be taken as a server takes it', () => {
    const [, written = ''] = /^```json\n([^`]*"oidc"[^`]*)```$/m.exec(readme) ?? []
    writeFileSync(join(directory, 'oidc.json'), written)
    const { oidc } = readConfig(['--config', join(directory, 'oidc.json')], {})
    expect(oidc[0]?.allow.map(({ tenant }) => tenant)).toEqual(['acme', 'acme-pull'])
  })

  it('shows where secrets may come from as a server takes it', () => {
    const [, written = ''] = /^```json\n([^`]*"secrets"[^`]*)```$/m.exec(readme) ?? []
    writeFileSync(join(directory, 'secrets.json'), written)
    const { secrets } = readConfig(['--config', join(directory, 'secrets.json')], {})
    expect([secrets.allow.acme?.length, secrets.files.run?.path]).toEqual([2, '/run/secrets'])
    expect(secrets.commands['acme-deploy']?.command[0]).toBe('op')
    // What it leaves out stays as it is.
    expect(secrets.keychain.library).toBe('@napi-rs/keyring')
  })

  it('shows nothing that no test runs', () => {
    expect([...others.keys()].sort()).toEqual(['json', 'ts'])
    expect(readme.match(/^```(?:ts|json)$/gm)).toHaveLength(4)
  })

  it('has a kind that runs where it is written, without a server', async () => {
    const alone = join(directory, 'alone')
    // An address at which nobody answers: on the usual one somebody may.
    mkdirSync(join(alone, '.mayfly'), { recursive: true })
    writeFileSync(join(alone, '.mayfly', 'url'), 'http://127.0.0.1:9')
    const said = await paste(
      blocksOf('Write a kind').map((block) => `${block.trim()} --json\n`),
      alone,
    )
    expect(said).toContain('"text":"hello Ada"')
  })
})

describe.skipIf(!hasCurl)('the tour', () => {
  it('brings real work for two tenants in three pools through a kill, and leaves nothing behind', async () => {
    const [serve, secrets = '', work = '', kill = '', looks = ''] = blocksOf('Tour')
    expect(serve).toBe('npm start -- --allow-secrets-in-commands\n')
    await paste([secrets, work])
    const watched = await Promise.all(tenants.map(watchAllOf))
    await Promise.all(watched.map(({ busy }) => busy))
    await paste([kill])
    await orchestrator.exited
    await start()
    const watches = (await Promise.all(watched.map(({ ends }) => ends))).flat()
    const ended = await Promise.all(watches.map(async ({ seqs, look }) => ({ seqs, task: await look() })))
    expect(ended.map(({ task }) => [task.tenant, task.kind, task.pool, task.state]).sort()).toEqual([
      ['acme', 'exec', 'normal', 'succeeded'],
      ['acme', 'lint', 'critical', 'succeeded'],
      ['globex', 'exec', 'normal', 'succeeded'],
      ['globex', 'lint', 'batch', 'succeeded'],
    ])
    for (const { task, seqs } of ended) expect(seqs).toEqual(Array.from({ length: task.lastSeq }, (_, at) => at + 1))
    expect(ended.some(({ task }) => task.attempt > 1)).toBe(true)
    const said = await paste([secrets.split('\n')[0] ?? '', looks])
    expect(said).toContain('the password is ***')
    expect(said).not.toContain(password)
    await orchestrator.kill('SIGTERM')
    expect({ workspaces: workspacesOf(site.data), processes: processesWith(site.data) }).toEqual({
      workspaces: [],
      processes: [],
    })
    expect(filesWith(site.data, Buffer.from(password))).toEqual([])
  }, 120_000)
})

/** Watches every task of a tenant to its end; `busy` resolves when one of them has said something. */
async function watchAllOf(tenant: string) {
  const client = new Mayfly({ url: site.url, token: site.token, tenant })
  const busy = Promise.withResolvers<void>()
  const watch = async (id: string) => {
    const seqs: number[] = []
    for await (const event of client.watch(id)) {
      seqs.push(event.seq)
      if (event.type === 'task.progress' || event.type === 'task.log' || isEnd(event)) busy.resolve()
    }
    // Looked at later: it may have ended while nobody answers.
    return { seqs, look: () => client.get(id) }
  }
  const ids: string[] = []
  for await (const { id } of client.list()) ids.push(id)
  return { busy: busy.promise, ends: Promise.all(ids.map(watch)) }
}
