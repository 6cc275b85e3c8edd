import { spawn } from 'node:child_process'
import { Writable } from 'node:stream'

const deadlineMs = 20_000

/** What came of an errand: how it exited, and the last of what it said. */
export interface Errand {
  readonly code: number | null
  readonly said: string
}

interface Terms {
  /** Of Node. */
  readonly flags?: readonly string[]
  /** All that it is told. */
  readonly word?: Uint8Array
}

/** Runs a program of ours to its end, with a worker's pipes that nobody says more on. */
export function runErrand(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  { flags = [], word }: Terms = {},
): Promise<Errand> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...flags, program, ...args], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    timeout: deadlineMs,
    killSignal: 'SIGKILL',
  })
  const [, , , toWorker] = child.stdio
  toWorker?.on('error', () => {})
  if (toWorker instanceof Writable) toWorker.end(word)
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2_000)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, said: said.trim() }))
  })
}
