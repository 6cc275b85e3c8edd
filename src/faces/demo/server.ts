import { fileURLToPath } from 'node:url'
import { ServerProcess } from '../server-process.ts'

const module = fileURLToPath(new URL('../../bin.js', import.meta.url))
const kinds = fileURLToPath(new URL('kinds', import.meta.url))

/** A real server, which may be killed and started again on the same data and address. */
export class DemoServer {
  readonly #data: string
  #process: ServerProcess | undefined

  constructor(data: string) {
    this.#data = data
  }

  /** Resolves when it listens. Nothing of the environment reaches it: settings there are for another server. */
  async start(): Promise<ServerProcess> {
    this.#process = await ServerProcess.start({
      program: [process.execPath, module],
      data: this.#data,
      port: this.#process ? Number(new URL(this.#process.url).port) : 0,
      flags: ['--kinds', kinds],
      env: {},
    })
    return this.#process
  }

  /** What it was doing is taken up by the next start. */
  async kill(): Promise<void> {
    await this.#process?.kill()
  }

  async stop(): Promise<void> {
    await this.#process?.stop()
  }
}
