/** Programs that are started for one secret, and end with it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { messageOf } from '../system/message.ts'
import { type OwnPipe, openOwnPipe } from './own-pipe.ts'
import { isPassing } from './unusable.ts'

export interface Program {
  readonly command: readonly [program: string, ...args: string[]]
  /** All of it: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly maxBytes: number
  /** Written to its standard input, and the caller's to wipe. */
  readonly input?: Uint8Array
  readonly signal?: AbortSignal
}

/** How it ended. What it said comes with success alone, and is the caller's to wipe. */
export type Ran =
  | { readonly how: 'said'; readonly value: Buffer }
  | { readonly how: 'failed'; readonly code: number }
  | { readonly how: 'killed'; readonly by: string }
  | { readonly how: 'late' | 'too much' | 'called off' }
  | { readonly how: 'not started'; readonly why: string; readonly isPassing: boolean }

/** At once, of all tasks: others wait, and their time runs. */
const mostAtOnce = 8
/** From the end of the program to that of its output, which somebody that it left may hold open. */
const drainMs = 500

/** Runs such programs, a bounded number at once. */
export class ShortLived {
  #running = 0
  readonly #waiting: (() => void)[] = []

  async run(program: Program): Promise<Ran> {
    const timeout = AbortSignal.timeout(program.timeoutMs)
    const stop = AbortSignal.any([timeout, ...(program.signal ? [program.signal] : [])])
    const stopped = (): Ran => ({ how: timeout.aborted ? 'late' : 'called off' })
    if (!(await this.#turn(stop))) return stopped()
    try {
      const pipe = await openOwnPipe(program.maxBytes)
      try {
        return (await runWith(program, pipe, stop)) ?? stopped()
      } finally {
        pipe.close()
      }
    } finally {
      this.#running--
      this.#waiting.shift()?.()
    }
  }

  /** False when it was stopped before its turn came. */
  async #turn(stop: AbortSignal): Promise<boolean> {
    while (this.#running >= mostAtOnce && !stop.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#waiting.push(resolve)
      stop.addEventListener('abort', () => resolve(), { once: true })
      await promise
      const place = this.#waiting.indexOf(resolve)
      if (place >= 0) this.#waiting.splice(place, 1)
    }
    if (stop.aborted) {
      this.#waiting.shift()?.()
      return false
    }
    this.#running++
    return true
  }
}

/** Undefined when it was stopped. */
async function runWith(program: Program, pipe: OwnPipe, stop: AbortSignal): Promise<Ran | undefined> {
  if (stop.aborted) return undefined
  const [file, ...args] = dyingWithUs(program.command)
  const child = spawn(file, args, {
    // Nothing that it says of itself is shown to anybody: it may say the secret.
    stdio: ['pipe', pipe.writeEnd, 'ignore'],
    env: { ...program.environment },
    cwd: '/',
    detached: true,
  })
  pipe.writeEnd.destroy()
  const kill = () => killGroup(child)
  stop.addEventListener('abort', kill, { once: true })
  child.stdin?.on('error', () => {}).end(program.input ?? new Uint8Array(0))
  try {
    const ended = await endOf(child)
    if (ended.how === 'not started') return ended
    await drained(pipe)
    if (!pipe.isWithin()) return { how: 'too much' }
    if (stop.aborted) return undefined
    return ended.how === 'said' ? { how: 'said', value: pipe.take() } : ended
  } finally {
    stop.removeEventListener('abort', kill)
    // What it has left behind would hold our pipe, or the secret.
    kill()
  }
}

type End = Extract<Ran, { how: 'failed' | 'killed' | 'not started' }> | { readonly how: 'said' }

function endOf(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ how: 'not started', why: messageOf(error), isPassing: isPassing(error) }))
    child.once('exit', (code, signal) => {
      if (code === 0) resolve({ how: 'said' })
      else resolve(code === null ? { how: 'killed', by: signal ?? 'a signal' } : { how: 'failed', code })
    })
  })
}

function drained({ ended }: OwnPipe): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, drainMs)
    void ended.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It is gone, and all that it started.
  }
}

const setpriv = '/usr/bin/setpriv'

/** Where the kernel can end it with us, it does. */
function dyingWithUs(command: Program['command']): Program['command'] {
  if (process.platform !== 'linux' || !existsSync(setpriv)) return command
  return [setpriv, '--pdeathsig', 'KILL', '--', ...command]
}
