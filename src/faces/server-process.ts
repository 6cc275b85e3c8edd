/** A server in a process of its own, for as long as this process wants it and never longer. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** So long a server may take to hand back what runs; what it leaves then, the next one takes up. */
const stopMs = 30_000
const mostComplaint = 2_000

interface ServerStart {
  /** Node, and our own first module. */
  readonly program: readonly [node: string, module: string]
  readonly data: string
  /** 0 takes a free one. */
  readonly port?: number
  readonly flags?: readonly string[]
  /** All that it has of the environment. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** It could not start; the sentence is its own. */
export class NotStarted extends Error {
  override readonly name = 'NotStarted'
}

export class ServerProcess {
  readonly url: string
  readonly token: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, url: string, token: string) {
    this.#child = child
    this.url = url
    this.token = token
  }

  /** Resolves when it listens, on this machine only. Throws NotStarted. */
  static async start({ program, data, port = 0, flags = [], env }: ServerStart): Promise<ServerProcess> {
    const [node, module] = program
    const place = ['--host', '127.0.0.1', '--port', String(port), '--data', data]
    const child = spawn(node, [module, 'serve-embedded', ...place, ...flags], {
      env: { ...env },
      // A group of its own: Ctrl-C at the terminal is for us, who then decide.
      detached: true,
      // It ends when its input does, and so with this process, however that ends.
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    try {
      const url = await listening(child)
      return new ServerProcess(child, url, (await readFile(join(data, 'admin-token'), 'utf8')).trim())
    } catch (error) {
      child.kill('SIGKILL')
      throw error
    }
  }

  /** What still runs is handed back at once: it goes on with the next server. */
  async stop(withinMs = stopMs): Promise<void> {
    if (hasEnded(this.#child)) return
    const exited = once(this.#child, 'exit')
    const tooLong = setTimeout(() => this.#child.kill('SIGKILL'), withinMs)
    this.#child.stdin?.end()
    await exited
    clearTimeout(tooLong)
  }

  /** Without a word of warning. */
  async kill(): Promise<void> {
    if (hasEnded(this.#child)) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

/** Its address, as it says it; what it says instead when it cannot start. */
async function listening(child: ChildProcess): Promise<string> {
  const { stdin, stdout, stderr } = child
  let complaint = ''
  child.on('error', ({ message }) => {
    complaint = message
  })
  stdin?.on('error', () => {})
  stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-mostComplaint)
  })
  for await (const line of createInterface({ input: stdout as NodeJS.ReadableStream })) {
    const url = urlIn(line)
    if (url === undefined) continue
    stdout?.resume()
    return url
  }
  throw new NotStarted(complaint.trim().replace(/^mayfly: /, '') || 'the server ended at once')
}

function urlIn(line: string): string | undefined {
  try {
    return JSON.parse(line).url
  } catch {
    return undefined
  }
}
