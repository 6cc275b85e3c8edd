import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readiness } from '../../../src/contract/readiness.ts'

const root = new URL('../../..', import.meta.url).pathname
export const bin = join(root, 'src/bin.js')

/** For journeys in which workers stand by, as they do at every other server. */
export const standingBy = { standby: 3 }

/** A place on disk and a port that outlive the orchestrators which come and go there. */
export class Site {
  readonly data: string
  readonly port: number
  readonly #config: string
  /** What the server finds in its environment beside what it needs to be found. */
  environment: Readonly<Record<string, string>> = {}

  private constructor(port: number, settings: Readonly<Record<string, unknown>>, data: string | undefined) {
    const directory = mkdtempSync(join(tmpdir(), 'mayfly-journey-'))
    // Some orchestrators run as another user.
    chmodSync(directory, 0o755)
    this.data = data ?? join(directory, 'data')
    this.port = port
    this.#config = join(directory, 'config.json')
    this.configure(settings)
  }

  static async create(settings: Readonly<Record<string, unknown>>, data?: string): Promise<Site> {
    return new Site(await freePort(), settings, data)
  }

  /** Writes other settings, for whoever starts or reads them next. */
  configure(settings: Readonly<Record<string, unknown>>): void {
    // A machine that runs tests is busy with others of them; and most journeys need nobody who stands by.
    const usual = { scaling: false, standby: 0, startDeadlineSeconds: 60 }
    writeFileSync(this.#config, JSON.stringify({ ...usual, ...settings }))
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get token(): string {
    return readFileSync(join(this.data, 'admin-token'), 'utf8').trim()
  }

  /** Starts a real orchestrator, as `npm start` does; `program` and what follows replace our own. */
  start(program: readonly string[] = [bin], user?: { readonly uid: number; readonly gid: number }): Orchestrator {
    const child = spawn(process.execPath, [...program], { ...user, env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] })
    return new Orchestrator(child)
  }

  /** The same as people start it, from the project's directory and, as a shell does, in a process group of its own. */
  startByNpm(): Orchestrator {
    const child = spawn('npm', ['start'], {
      cwd: root,
      env: this.#env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return new Orchestrator(child)
  }

  get #env() {
    return {
      ...this.environment,
      PATH: process.env.PATH,
      MAYFLY_DATA: this.data,
      MAYFLY_PORT: String(this.port),
      MAYFLY_CONFIG: this.#config,
    }
  }

  /** The isolation level that is in force. */
  async level(): Promise<number> {
    return (await this.json<Readiness>('GET', '/readyz')).isolation.level
  }

  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  }

  async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.request(method, path, body)
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }
}

/** One orchestrator process. */
export class Orchestrator {
  readonly child: ChildProcess
  readonly exited: Promise<unknown>
  /** Resolves when it says that it listens; rejects with what it said when it exits before. */
  readonly listening: Promise<void>
  #said = ''

  constructor(child: ChildProcess) {
    this.child = child
    this.exited = once(child, 'exit')
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#said += chunk.toString()
    })
    this.listening = new Promise((resolve, reject) => {
      if (child.stdout) {
        createInterface(child.stdout).on('line', (line) => {
          this.#said += `${line}\n`
          if (line.includes('"url"')) resolve()
        })
      }
      child.once('exit', (code, signal) => reject(new Error(`it exited with ${code ?? signal}: ${this.#said}`)))
    })
    this.listening.catch(() => {})
  }

  get said(): string {
    return this.#said
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.child.kill(signal)
    await this.exited
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}
