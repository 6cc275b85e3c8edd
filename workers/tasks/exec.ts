import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Context } from '../context.ts'
import type { Source } from '../sources/source.ts'

interface Input extends Omit<Source, 'path'> {
  readonly command: readonly [program: string, ...args: string[]]
  readonly env?: Readonly<Record<string, string>>
  /** Variable → name of a secret. */
  readonly secretEnv?: Readonly<Record<string, string>>
  /** Path in the directory → name of a secret. */
  readonly secretFiles?: Readonly<Record<string, string>>
  readonly directory?: string
  /** Patterns of files in the directory to keep, whatever came of the command. */
  readonly artifacts?: readonly string[]
  readonly stdin?: string
}

const text = {
  type: 'string',
  maxLength: 128 * 1024,
  pattern: '^[^\\u0000]*$',
  description: 'text without the character NUL',
}

const variable = {
  pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
  description: 'letters, digits and "_", not beginning with a digit',
}
const path = { ...text, minLength: 1, maxLength: 1_000 }
const secretName = { type: 'string', minLength: 1, maxLength: 64, description: 'a name under secrets of the request' }
/** By the format the orchestrator knows what leaves Mayfly's hands, refuses it where it must, and has it audited. */
const secretToCommand = { ...secretName, format: 'secret-to-command' }

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
        propertyNames: variable,
        additionalProperties: text,
      },
      secretEnv: { type: 'object', maxProperties: 32, propertyNames: variable, additionalProperties: secretToCommand },
      secretFiles: { type: 'object', maxProperties: 32, propertyNames: path, additionalProperties: secretToCommand },
      upload: { type: 'string', format: 'upload', description: 'the id of an upload: an archive of sources' },
      git: {
        type: 'object',
        required: ['url', 'ref'],
        additionalProperties: false,
        properties: { url: text, ref: text, token: secretName },
      },
      directory: { ...text, maxLength: 1_000 },
      artifacts: { type: 'array', maxItems: 100, items: path },
      stdin: { ...text, maxLength: 512 * 1024 },
    },
  },
  result: {
    type: 'object',
    required: ['exitCode'],
    additionalProperties: false,
    properties: { exitCode: { const: 0, description: 'another one fails' } },
  },
  async run(context: Context<Input>): Promise<{ exitCode: number }> {
    const { directory = '.', secretFiles, artifacts } = context.input
    // Loaded only by who needs it: every module costs each start.
    if (context.input.git || context.input.upload !== undefined) {
      const { sourceOf } = await import('../sources/source.ts')
      await sourceOf(context.input, context, { withLinks: true })
    }
    const cwd = await enter(context.workspace, directory)
    if (secretFiles) (await import('../sources/secret-files.ts')).writeSecretFiles(secretFiles, cwd, context)
    try {
      return await command(cwd, context)
    } finally {
      if (artifacts) await (await import('../sources/keep.ts')).keepFiles(artifacts, cwd, context)
    }
  },
}

async function command(cwd: string, context: Context<Input>): Promise<{ exitCode: number }> {
  const { input, signal } = context
  const { env, secretEnv, stdin } = input
  const [program, ...args] = input.command
  const lent = secretEnv && (await (await import('../sources/secret-env.ts')).variablesOf(secretEnv, context))
  const child = spawn(program, args, {
    cwd,
    // The marker stays: by it whatever the command leaves behind is found.
    env: { ...process.env, ...env, ...lent, MAYFLY_WORKER: process.env.MAYFLY_WORKER },
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'inherit', 'inherit'],
  })
  // A command that does not read its input closes the pipe: its own exit code says what came of it.
  child.stdin?.on('error', () => {}).end(stdin)
  const ask = () => child.kill('SIGTERM')
  if (signal.aborted) ask()
  else signal.addEventListener('abort', ask)
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(notRun(program, error)))
    child.once('exit', (exitCode, signal) =>
      exitCode === 0 ? resolve({ exitCode }) : reject(failed(exitCode, signal)),
    )
  })
}

/** The place inside the workspace, also where links of the sources lead, made when it is not there. */
async function enter(workspace: string, directory: string): Promise<string> {
  const path = resolve(workspace, directory)
  if (path === workspace) return path
  const { isInside, isReallyInside } = await import('../sources/inside.ts')
  if (!isInside(path, workspace) || !isReallyInside(path, workspace)) {
    const message = `directory must be inside the workspace: ${directory}`
    throw Object.assign(new Error(message), { code: 'INVALID_INPUT', retryable: false })
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
