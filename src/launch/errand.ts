import { spawn } from 'node:child_process'

const deadlineMs = 20_000

/** What came of an errand: how it exited, and the last of what it said. */
export interface Errand {
  readonly code: number | null
  readonly said: string
}

/** Runs a program of ours to its end, with a worker's pipes that nobody speaks on. */
export function runErrand(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): Promise<Errand> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...flags, program, ...args], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    timeout: deadlineMs,
    killSignal: 'SIGKILL',
  })
  const [, , , toWorker] = child.stdio
  toWorker?.on('error', () => {})
  toWorker?.destroy()
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2_000)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, said: said.trim() }))
  })
}
