import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import type { Context } from '../context.ts'

interface Input {
  readonly command: readonly [program: string, ...args: string[]]
  readonly env?: Readonly<Record<string, string>>
  readonly directory?: string
  readonly stdin?: string
}

const text = {
  type: 'string',
  maxLength: 128 * 1024,
  pattern: '^[^\\u0000]*$',
  description: 'text without the character NUL',
}

/** Runs a command, without a shell. What it prints goes to the orchestrator by itself, line by line. */
export default {
  kind: 'exec',
  title: 'Run a command',
  pool: 'normal',
  input: {
    type: 'object',
    required: ['command'],
    additionalProperties: false,
    properties: {
      command: { type: 'array', minItems: 1, maxItems: 1_000, prefixItems: [{ ...text, minLength: 1 }], items: text },
      env: {
        type: 'object',
        maxProperties: 200,
        propertyNames: {
          pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
          description: 'letters, digits and "_", not beginning with a digit',
        },
        additionalProperties: text,
      },
      directory: { ...text, maxLength: 1_000 },
      stdin: { ...text, maxLength: 512 * 1024 },
    },
  },
  run(context: Context<Input>): Promise<{ exitCode: number }> {
    const { command, env, directory = '.', stdin } = context.input
    const [program, ...args] = command
    const child = spawn(program, args, {
      cwd: enter(context.workspace, directory),
      // The marker stays: by it whatever the command leaves behind is found.
      env: { ...process.env, ...env, MAYFLY_WORKER: process.env.MAYFLY_WORKER },
      stdio: [stdin === undefined ? 'ignore' : 'pipe', 'inherit', 'inherit'],
    })
    // A command that does not read its input closes the pipe: its own exit code says what came of it.
    child.stdin?.on('error', () => {}).end(stdin)
    const ask = () => child.kill('SIGTERM')
    if (context.signal.aborted) ask()
    else context.signal.addEventListener('abort', ask)
    return new Promise((resolve, reject) => {
      child.once('error', (error) => reject(notRun(program, error)))
      child.once('exit', (exitCode, signal) =>
        exitCode === 0 ? resolve({ exitCode }) : reject(failed(exitCode, signal)),
      )
    })
  },
}

/** The place inside the workspace, made when it is not there. */
function enter(workspace: string, directory: string): string {
  const path = resolve(workspace, directory)
  if (path !== workspace && !path.startsWith(workspace + sep)) {
    throw Object.assign(new Error(`directory must be inside the workspace: ${directory}`), { retryable: false })
  }
  mkdirSync(path, { recursive: true })
  return path
}

function notRun(program: string, error: NodeJS.ErrnoException): Error {
  const why = error.code === 'ENOENT' ? 'there is no such program on the PATH' : error.message
  return Object.assign(new Error(`cannot run ${program}: ${why}`), { retryable: false })
}

function failed(exitCode: number | null, signal: string | null): Error {
  const how = signal === null ? `exited with code ${exitCode}` : `was ended by ${signal}`
  return Object.assign(new Error(`the command ${how}`), {
    exitCode: exitCode ?? undefined,
    signal: signal ?? undefined,
  })
}
