/** The clients of `config/examples/clients.md`, pasted, against a real server that is killed while they watch. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Mayfly } from '../../src/client/client.ts'
import { isInstalled } from '../fixtures/installed.ts'
import { hasPython } from '../fixtures/python.ts'
import { type Orchestrator, Site } from './support/orchestrator.ts'

const page = readFileSync(new URL('../../config/examples/clients.md', import.meta.url), 'utf8')
const blocks = [...page.matchAll(/```(\w+)\n(.*?)```/gs)].map(([, language, code = '']) => ({ language, code }))
const [inPython = ''] = blocks.filter(({ language }) => language === 'python').map(({ code }) => code)
const [inBash = '', overStream = ''] = blocks.filter(({ language }) => language === 'bash').map(({ code }) => code)

const hasCurl = ['bash', 'curl', 'jq'].every((program) => isInstalled(program))
const languages = [
  { name: 'Python', program: 'python3', code: inPython, file: 'mayfly-run.py', skip: !hasPython },
  { name: 'Bash', program: 'bash', code: inBash, file: 'mayfly-run.sh', skip: !hasCurl },
]
const here = languages.filter(({ skip }) => !skip)

let directory: string
let site: Site
let orchestrator: Orchestrator

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mayfly-clients-'))
  for (const { file, code } of languages) writeFileSync(join(directory, file), code)
  // A sandbox would not see the file that its task waits for.
  site = await Site.create({ isolation: { atMost: 1 }, sharedSlots: 4, stopGraceSeconds: 0, logLevel: 'info' })
  await start()
})
afterAll(async () => {
  await orchestrator.kill()
  rmSync(directory, { recursive: true, force: true })
})

async function start(): Promise<void> {
  orchestrator = site.start()
  await orchestrator.listening
}

function run(program: string, args: readonly string[], token = site.token) {
  const { PATH = '', HOME = '' } = process.env
  const env = { PATH: `${join(directory, 'bin')}:${PATH}`, HOME, MAYFLY_URL: site.url, MAYFLY_TOKEN: token }
  const child = spawn(program, args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] })
  return { child, ended: endOf(child) }
}

async function endOf(child: ChildProcess) {
  const { stdout, stderr } = child as typeof child & Record<'stdout' | 'stderr', NodeJS.ReadableStream>
  const [said, complaints, [code]] = await Promise.all([text(stdout), text(stderr), once(child, 'close')])
  return { code, said, complaints }
}

/** Until so many tasks run that have said something. */
async function atWork(tasks: number): Promise<void> {
  const client = new Mayfly({ url: site.url, token: site.token })
  const speaking = new Set<string>()
  for await (const sight of client.watchAll({ kind: 'exec' })) {
    if (sight.type === 'task' && sight.task.state === 'running') {
      for await (const event of client.watch(sight.task.id)) if (event.type === 'task.log') break
      speaking.add(sight.task.id)
    }
    if (sight.type === 'event' && sight.event.type === 'task.log') speaking.add(sight.task)
    if (speaking.size === tasks) return
  }
}

describe('the clients of the examples', () => {
  it('are some twenty lines each, and all that the page shows', () => {
    const lines = ({ code }: { code: string }) => code.split('\n').filter((line) => line.trim() !== '').length
    expect(languages.map(lines).every((count) => count > 15 && count <= 26)).toBe(true)
    expect(blocks.map(({ language }) => language)).toEqual(['sh', 'python', 'bash', 'bash'])
  })

  it.skipIf(here.length === 0)(
    'print all that a task says, once and in order, also when the server is killed',
    { timeout: 120_000 },
    async () => {
      const gate = join(directory, 'gate')
      const script = `echo begin; while [ ! -e ${gate} ]; do sleep 0.1; done; seq 1 300; printf "it's \\"over\\""`
      const clients = here.map(({ program, file }) => run(program, [file, 'sh', '-c', script]))
      await atWork(clients.length)
      await orchestrator.kill()
      await start()
      writeFileSync(gate, '')
      const end = `${Array.from({ length: 300 }, (_, at) => at + 1).join('\n')}\nit's "over"\n`
      for (const { ended } of clients) {
        expect(await ended).toEqual({ code: 0, said: `begin\nbegin\n${end}`, complaints: '' })
      }
      const { items } = await site.json<{ items: { attempt: number }[] }>('GET', '/v1/tasks')
      expect(items.map(({ attempt }) => attempt)).toEqual(clients.map(() => 2))
    },
  )

  it.skipIf(here.length === 0)('fail as their task fails, and say what is refused', async () => {
    for (const { program, file } of here) {
      const failing = run(program, [file, 'sh', '-c', 'echo no >&2; exit 3']).ended
      const refused = run(program, [file, 'true'], 'wrong').ended
      expect(await failing).toEqual({ code: 1, said: 'no\n', complaints: '' })
      const complaints = 'this token is not valid: use another one\n'
      expect(await refused).toEqual({ code: 1, said: '', complaints })
    }
  })

  it.skipIf(!hasCurl)('follow the stream from a shell', async () => {
    if (!isInstalled('websocat')) standIn()
    const { ended } = run('bash', ['-c', `set -eu\n${overStream}`])
    expect(await ended).toMatchObject({ code: 0, said: 'hello\n' })
  })
})

/** Does what the page wants of websocat, which few systems have as a package. */
function standIn(): void {
  const ws = JSON.stringify(import.meta.resolve('ws'))
  const program = `#!${process.execPath}
    import(${ws}).then(({ WebSocket }) => {
      const [stays, option, protocol, url] = process.argv.slice(2)
      if (stays !== '-n' || option !== '--protocol') throw new Error('it is called otherwise')
      const socket = new WebSocket(url, protocol)
      const lines = () => require('node:readline').createInterface({ input: process.stdin })
      socket.on('open', () => lines().on('line', (line) => socket.send(line)))
      socket.on('message', (message) => process.stdout.write(message + '\\n'))
    })`
  mkdirSync(join(directory, 'bin'))
  writeFileSync(join(directory, 'bin', 'websocat'), program, { mode: 0o755 })
}
