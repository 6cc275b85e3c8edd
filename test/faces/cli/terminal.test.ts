import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startMayfly, type TestMayfly } from '../../fixtures/mayfly.ts'
import { hasPython } from '../../fixtures/python.ts'
import { bin } from './fixtures/cli.ts'

let server: TestMayfly

beforeAll(async () => {
  server = await startMayfly()
})

afterAll(() => server.remove())

/** Runs argv on a pseudo-terminal of 100 columns, types what it is given once it is asked, and prints all that was shown. */
const script = `
import fcntl, os, pty, struct, sys, termios
asked, typed, *argv = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(argv[0], argv)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 30, 100, 0, 0))
shown = b''
while True:
    try:
        chunk = os.read(terminal, 65536)
    except OSError:
        break
    if not chunk:
        break
    shown += chunk
    if asked and asked.encode() in shown:
        os.write(terminal, typed.encode().decode('unicode_escape').encode())
        asked = ''
os.write(1, shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`

async function onTerminal(args: readonly string[], { asked = '', typed = '', env = {} } = {}) {
  const argv = ['-c', script, asked, typed, process.execPath, bin, ...args]
  const { PATH = '' } = process.env
  const child = spawn('python3', argv, {
    env: { PATH, TERM: 'xterm', MAYFLY_URL: server.url, MAYFLY_TOKEN: server.token, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    shown += text
  })
  const [code] = await once(child, 'close')
  return { code, shown }
}

describe.skipIf(!hasPython)('on a terminal', () => {
  it('a bar is drawn for each task, and what they print stands above', async () => {
    const command = (word: string) => ['sh', '-c', `sleep 0.4; echo ${word}; sleep 0.4`]
    const tasks = await Promise.all(
      ['one', 'two'].map((word) => server.submit({ kind: 'exec', input: { command: command(word) } })),
    )
    const { code, shown } = await onTerminal(['watch', ...tasks.map(({ id }) => id)])
    expect(code).toBe(0)
    const last = shown.split('\u001b[J').at(-1) ?? ''
    for (const { id } of tasks) expect(last).toMatch(new RegExp(`exec …${id.slice(-6)} +█{20} +succeeded`))
    expect(shown).toMatch(/…[0-9a-f]{6} one\r\n/)
    expect(shown).toContain('\u001b[2A')
  })

  it.each([{ NO_COLOR: '1' }, { CI: 'true' }, { TERM: 'dumb' }])('there are plain lines with %o', async (env) => {
    const { shown } = await onTerminal(['run', 'exec', '--', 'echo', 'plain'], { env: env as Record<string, string> })
    expect(shown).not.toContain('\u001b[')
    expect(shown).toContain('plain')
    expect(shown).toContain('succeeded')
  })

  it('a task cannot move the cursor', async () => {
    const { shown } = await onTerminal(['run', 'exec', '--', 'printf', String.raw`\033[2Jgone\033[10;10Hthere\n`])
    expect(shown).toContain('gonethere')
    expect(shown).not.toContain('\u001b[2J')
  })

  it('a secret is typed unseen', async () => {
    const typing = { asked: 'not shown', typed: String.raw`typed-secret-valux\x7fe-1\r` }
    const { code, shown } = await onTerminal(['secrets', 'set', 'typed'], typing)
    expect(code).toBe(0)
    expect(shown).toContain('typed is stored, version 1')
    expect(shown).not.toContain('valu')
  })

  it('Ctrl-C while a secret is typed ends it', async () => {
    const { code, shown } = await onTerminal(['secrets', 'set', 'never'], {
      asked: 'not shown',
      typed: String.raw`abc\x03`,
    })
    expect(code).toBe(130)
    expect(shown).not.toContain('stored')
  })
})
