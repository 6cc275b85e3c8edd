import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../bin.js', import.meta.url))
const kinds = fileURLToPath(new URL('kinds', import.meta.url))

/** A real server in a process of its own, which may be killed and started again on the same data and address. */
export class DemoServer {
  readonly #data: string
  #child: ChildProcess | undefined
  #port = 0

  constructor(data: string) {
    this.#data = data
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  token(): Promise<string> {
    return readFile(join(this.#data, 'admin-token'), 'utf8').then((token) => token.trim())
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const args = ['serve', '--data', this.#data, '--port', String(this.#port), '--kinds', kinds]
    this.#child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    for await (const line of createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })) {
      const { url } = JSON.parse(line)
      if (url === undefined) continue
      this.#port = Number(new URL(url).port)
      this.#child.stdout?.resume()
      return
    }
    throw new Error('the server ended before it listened')
  }

  /** Without a word of warning: what it was doing is taken up by the next start. */
  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
}
