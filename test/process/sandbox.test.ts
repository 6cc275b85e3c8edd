import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultSecrets } from '../../src/config/secrets.ts'
import { type Level, SANDBOX, USER } from '../../src/process/isolation.ts'
import { canLimitNumbers } from '../../src/process/numbers.ts'
import { processesWith } from '../fixtures/aftermath.ts'
import { isInstalled } from '../fixtures/installed.ts'
import { lackOfUsers, users } from '../fixtures/levels.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { hasPython } from '../fixtures/python.ts'

type Outcomes = Record<string, string>

interface Pried {
  readonly read: Outcomes
  readonly write: Outcomes
  readonly signals: Outcomes
  readonly memory: Outcomes
  readonly commands: Outcomes
  readonly network: string
  readonly pids: number
  readonly descriptors: string[]
  readonly neighbours: string[]
  readonly root: string[]
  readonly home: string
  readonly status: string
}

/** Where the kernel obeys root without asking for a capability. */
const knobs = [
  ...['/proc/sys/kernel/core_pattern', '/proc/sys/vm/drop_caches', '/proc/sys/kernel/hostname'],
  ...['/proc/irq', '/proc/bus'].flatMap(filesBelow),
]

function filesBelow(directory: string): string[] {
  const entries = existsSync(directory) ? readdirSync(directory, { withFileTypes: true, recursive: true }) : []
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
}

/** What becomes of adding a key, asking for one, and joining a keyring: 38 is that there is no such call. */
const asksForKeys = `
import ctypes, platform
first = {'x86_64': 248, 'aarch64': 217}[platform.machine()]
libc = ctypes.CDLL(None, use_errno=True)
def errno_of(call, *args):
    return ctypes.get_errno() if libc.syscall(first + call, *args) == -1 else 0
print([errno_of(0, b'user', b'mine', b'v', 1, -3), errno_of(1, b'user', b'mine', None, 0), errno_of(2, 1, None)])
`

const lacked = lackOfUsers()
const tried: [string, Level][] = [
  ['in a sandbox', SANDBOX],
  ...(lacked === undefined ? [['as a user of its own', USER] as [string, Level]] : []),
]
it.skipIf(lacked === undefined)(`task code as a user of its own is not tried here: ${lacked}`, () => {})

describe.skipIf(!isInstalled('bwrap')).each(tried)('task code %s', (_, level) => {
  let mayfly: TestMayfly
  let mark: string
  let pried: Pried
  let cutOff: Pried
  let victim: { readonly id: string; readonly worker: string; readonly pid: number }
  const elsewhere = mkdtempSync(join(tmpdir(), 'mayfly-elsewhere-'))

  beforeAll(async () => {
    writeFileSync(join(elsewhere, 'file'), 'of somebody else')
    mayfly = await startMayfly({
      config: {
        kinds: [children('common'), children('hostile')],
        isolation: { require: level },
        sharedSlots: 3,
        ...(level === USER && { users: users() }),
      },
    })
    mark = `pried-${process.pid}`
    const upload = await mayfly.upload(Buffer.from('an upload'))
    const waiting = await mayfly.submit({ kind: 'wait' })
    await mayfly.untilText(waiting.id, 'waiting')
    const { worker = '' } = mayfly.attempts(waiting.id)[0] ?? {}
    const [pid = 0] = processesWith('worker.cjs').filter((one) => processesWith(mayfly.data).includes(one))
    victim = { id: waiting.id, worker, pid }
    const data = (...names: string[]) => join(mayfly.data, ...names)
    const input = {
      read: [
        ...['journal.db', 'journal.db-wal', 'master-key', 'admin-token', 'uploads', 'kept', 'artifacts'].map((name) =>
          data(name),
        ),
        ...[data('uploads', 'default', upload.id), data('workspaces', worker), join(elsewhere, 'file')],
        ...['/etc/shadow', '/etc/ssl/private', '/root', '/home', '/var', '/run', '/sys', '/proc/kcore', '/dev/kmsg'],
        ...[`/proc/${process.pid}/mem`, `/proc/${process.pid}/root/etc/shadow`],
      ],
      write: [
        ...knobs,
        ...['/proc/sysrq-trigger', '/etc/passwd', '/usr/planted', '/planted', '/dev/planted', '/bin/planted'],
        ...[data('compile-cache', 'planted'), data('planted'), join(import.meta.dirname, 'planted')],
        join(import.meta.dirname, '../../src/planted'),
        join(import.meta.dirname, '../../node_modules/planted'),
      ],
      processes: [process.pid, pid],
      commands: [
        ['unshare', '--user', 'true'],
        ['unshare', '--mount', 'true'],
        ['mount', '-t', 'tmpfs', 'none', '/tmp'],
        ['mknod', '/tmp/disk', 'b', '8', '0'],
        ['chroot', '/tmp', 'true'],
        ['chmod', '666', '/dev/null'],
        ['nsenter', '--target', '1', '--all', '--root=/proc/1/root', '--mount', 'ls', data('journal.db')],
      ],
      port: Number(new URL(mayfly.url).port),
      mark,
    }
    const [open, closed] = await Promise.all([
      mayfly.run({ kind: 'pries', input }),
      mayfly.run({ kind: 'pries-cut-off', input }),
    ])
    expect([open.error, closed.error]).toEqual([null, null])
    expect([open, closed]).toMatchObject([
      { state: 'succeeded', isolation: level },
      { state: 'succeeded', isolation: level },
    ])
    pried = open.result as unknown as Pried
    cutOff = closed.result as unknown as Pried
  })

  afterAll(async () => {
    await mayfly.remove()
    rmSync(elsewhere, { recursive: true, force: true })
  })

  const done = (outcomes: Outcomes) => Object.keys(outcomes).filter((name) => outcomes[name] === 'DONE')

  it('reads nothing of the orchestrator, of other tasks, of accounts, or of whatever else lies on the machine', () => {
    expect(done(pried.read)).toEqual([])
    expect(pried.root).toEqual(expect.arrayContaining(['dev', 'etc', 'proc', 'tmp', 'usr']))
    for (const name of ['home', 'root', 'run', 'srv', 'sys', 'var']) expect(pried.root).not.toContain(name)
  })

  it('writes nothing but its workspace: no programs, no compiled code, and nothing into the kernel', () => {
    // Below /tmp it may write what it likes: that is a part of its workspace.
    expect(done(pried.write).filter((path) => existsSync(path))).toEqual([])
  })

  it.runIf(canLimitNumbers && level === SANDBOX)(
    'is held to its processes by the kernel, too, as soon as it lasts',
    async () => {
      const wait = 'until [ "$(cat /proc/sys/kernel/pid_max)" = 640 ]; do sleep 0.05; done'
      const ask = { kind: 'exec', input: { command: ['sh', '-c', wait] }, limits: { processes: 40, runSeconds: 20 } }
      expect(await mayfly.run(ask)).toMatchObject({ state: 'succeeded' })
    },
  )

  it.runIf(hasPython)('has no keys of the kernel, and can leave none to others', async () => {
    const outcome = await mayfly.run({ kind: 'exec', input: { command: ['python3', '-c', asksForKeys] } })
    expect(outcome.state).toBe('succeeded')
    expect((await mayfly.events(outcome.id)).map(({ data }) => data.text ?? '').join('')).toContain('[38, 38, 38]')
  })

  it('sees no process but its own, signals none and reads the memory of none', () => {
    expect(done({ ...pried.signals, ...pried.memory })).toEqual([])
    expect(pried.pids).toBeLessThanOrEqual(8)
  })

  it('has no way to rights: no capabilities, no setuid programs, no namespaces, no devices', () => {
    expect(done(pried.commands)).toEqual([])
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
      expect(pried.status).toMatch(new RegExp(`^${set}:\\s+0+$`, 'm'))
    }
    expect(pried.status).toMatch(/^NoNewPrivs:\s+1$/m)
  })

  it('has no descriptors but its own', () => {
    const files = pried.descriptors.filter((target) => target.startsWith('/') && !target.startsWith('/proc/'))
    expect(files.every((target) => target.startsWith('/dev/'))).toBe(true)
  })

  it('finds no other workspace beside its own', () => {
    expect(pried.neighbours).toHaveLength(1)
    expect(pried.neighbours).not.toContain(victim.worker)
  })

  it('reaches the network where its kind has one, and nothing where it has none', () => {
    expect([pried.network, cutOff.network]).toEqual(['DONE', 'ECONNREFUSED'])
  })

  it('leaves nothing: no process that shed its group, session, parent and marker, no file, no damage to others', async () => {
    expect(processesWith(mark)).toEqual([])
    expect(readdirSync(join(mayfly.data, 'workspaces'))).toEqual([victim.worker])
    expect(readdirSync(join(mayfly.data, 'kept'))).toEqual([])
    expect(existsSync('/etc/passwd')).toBe(true)
    expect((await mayfly.task(victim.id)).state).toBe('running')
  })
})

it('a kind that is to have no network is refused where nothing keeps it from it', async () => {
  const mayfly = await startMayfly({ config: { kinds: [children('hostile')], isolation: { atMost: 1 } } })
  try {
    const response = await mayfly.call('POST', '/tasks', { kind: 'pries-cut-off', input: {} })
    expect(response.status).toBe(403)
    expect(await response.text()).toContain('isolation level 2')
  } finally {
    await mayfly.remove()
  }
})

it.skipIf(!isInstalled('bwrap'))('a task sees no key and no secret in what is mounted for it', async () => {
  const mount = mkdtempSync(join(tmpdir(), 'mayfly-mount-'))
  const [masterKey, root] = [join(mount, 'key'), join(mount, 'secrets')]
  mkdirSync(root)
  for (const path of [join(mount, 'open'), join(root, 'secret')]) writeFileSync(path, 'SEEN')
  const secrets = { ...defaultSecrets, files: { own: { path: root } } }
  const mayfly = await startMayfly({ config: { mounts: [mount], masterKey, secrets, isolation: { require: SANDBOX } } })
  try {
    const command = ['sh', '-c', `cat ${mount}/open; cat ${masterKey} 2>/dev/null | wc -c; ls -A ${root} | wc -l`]
    const { id } = await mayfly.run({ kind: 'exec', input: { command } })
    const events = await mayfly.events(id)
    const lines = events.flatMap(({ data }) => (typeof data.text === 'string' ? [data.text.trim()] : []))
    expect(lines).toEqual(['SEEN0', '0'])
    expect(existsSync(masterKey)).toBe(true)
  } finally {
    await mayfly.remove()
    rmSync(mount, { recursive: true, force: true })
  }
})
