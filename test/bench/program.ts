/** Programs of a bench: each in a process of its own, so that no side pays for what the other holds in memory. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** Of either side's programs, as of Mayfly's own: Node's type stripper would be 45 MB of memory that each fork copies. */
const ownCompileCache = { NODE_COMPILE_CACHE: pathOf('../../node_modules/.cache/mayfly') }

/** All that a worker's environment, and its bare counterpart's, is made of. */
export const cleanEnvironment = { PATH: process.env.PATH ?? '/usr/bin:/bin', LANG: 'C.UTF-8' }

/** A program that says when it is ready, and then answers every message with one. */
export class Program {
  readonly child: ChildProcess
  readonly #name: string

  constructor(name: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
    this.#name = name
    this.child = fork(pathOf(`programs/${name}`), args, {
      env: { ...cleanEnvironment, ...ownCompileCache, ...env },
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
  }

  /** What it says next. */
  async hear<T>(): Promise<T> {
    const gone = new AbortController()
    const died = () => gone.abort(new Error(`${this.#name} ended too early`))
    this.child.once('exit', died)
    try {
      const [answer] = await once(this.child, 'message', { signal: gone.signal })
      return answer as T
    } finally {
      this.child.off('exit', died)
    }
  }

  ask<T>(question: object): Promise<T> {
    const answer = this.hear<T>()
    this.child.send(question)
    return answer
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const exited = once(this.child, 'exit')
    this.child.disconnect()
    await exited
  }
}

/** Uses programs and stops them, whatever happens. */
export async function* within<T>(programs: readonly Program[], use: () => AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* use()
  } finally {
    await Promise.all(programs.map((program) => program.stop()))
  }
}
