/** A real keychain of a session of its own: a bus, and gnome-keyring unlocked on it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Session {
  readonly home: string
  readonly environment: Readonly<Record<string, string>>
  end(): Promise<void>
  remove(): void
}

/** Why there can be no such session here; undefined when there can. */
export function lackOfKeyring(): string | undefined {
  if (process.platform !== 'linux') return 'gnome-keyring is Linux’s'
  const missing = ['dbus-run-session', 'dbus-send', 'gnome-keyring-daemon'].filter(
    (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
  )
  return missing.length > 0 ? `${missing.join(' and ')} missing: apt-get install dbus gnome-keyring` : undefined
}

/** Why keytar does not run here; undefined when it does. */
export function lackOfKeytar(): string | undefined {
  try {
    createRequire(import.meta.url)('keytar')
    return undefined
  } catch (error) {
    return `keytar is not installed, or does not load here: ${String(error).split('\n')[0]}`
  }
}

const bus = 'org.freedesktop.DBus'
const hasOwner = `dbus-send --session --print-reply --dest=${bus} / ${bus}.NameHasOwner string:org.freedesktop.secrets`

/** Locked: a keychain is there, and nobody has unlocked it. */
export async function startSession(
  home = mkdtempSync(join(tmpdir(), 'mayfly-keyring-')),
  { locked = false } = {},
): Promise<Session> {
  const runtime = join(home, 'run')
  mkdirSync(runtime, { mode: 0o700, recursive: true })
  mkdirSync(join(home, '.local', 'share'), { recursive: true })
  const { PATH = '/usr/bin:/bin' } = process.env
  const environment = { PATH, HOME: home, XDG_RUNTIME_DIR: runtime, LANG: 'C.UTF-8' }
  const daemon = 'gnome-keyring-daemon --foreground --components=secrets'
  // Whoever asks before it has its name makes the bus start another one, which is locked and stays the one that is asked.
  const named = `while kill -0 "$daemon" && ! ${hasOwner} | grep -q true; do sleep 0.05; done`
  const unlocked = `printf pw | ${daemon} --unlock >/dev/null 2>&1 & daemon=$!; ${named};`
  const script = `${locked ? '' : unlocked} echo "$DBUS_SESSION_BUS_ADDRESS"; cat >/dev/null; ${locked ? '' : 'kill "$daemon"; wait "$daemon" 2>/dev/null;'} true`
  const child = spawn('dbus-run-session', ['--', 'bash', '-c', script], {
    env: environment,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const [address] = await firstLineOf(child)
  return {
    home,
    environment: { ...environment, DBUS_SESSION_BUS_ADDRESS: address },
    async end() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.stdin?.end()
      await gone
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}

async function firstLineOf(child: ChildProcess): Promise<[string]> {
  if (!child.stdout) throw new Error('it has no output')
  for await (const line of createInterface(child.stdout)) return [line]
  throw new Error('the session did not start')
}

/** The daemon takes a moment to come up. */
export async function untilThere(call: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await call()
      return
    } catch (error) {
      if (tries === 50) throw error
      await sleep(100)
    }
  }
}
