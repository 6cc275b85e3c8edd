import { spawn } from 'node:child_process'
import { existsSync, type Stats, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { checkOf, inputCheckOf } from '../contract/check.ts'
import { KindDefinition } from '../contract/kind.ts'
import { outsideReference } from './references.ts'

export interface ReaderOptions {
  /** The program that loads one module and writes its definition to fd 3. */
  readonly program: string
  readonly environment: Readonly<Record<string, string>>
  readonly deadlineMs: number
}

export type Found = { readonly module: string; readonly definition: KindDefinition }
export type Broken = { readonly module: string; readonly reason: string }

/**
 * Reads every kind of these directories, each module in a short-lived process of its own: task code never runs inside
 * the orchestrator, and a module that is broken or hangs is reported by name while the rest works.
 */
export async function readKinds(
  directories: readonly string[],
  options: ReaderOptions,
): Promise<{ found: Found[]; broken: Broken[] }> {
  const modules = (await Promise.all(directories.map(listModules))).flat()
  const found: Found[] = []
  const broken: Broken[] = []
  const waiting = modules.values()
  const readOn = async () => {
    for (const module of waiting) {
      const read = await readKind(module, options)
      if ('definition' in read) found.push(read)
      else broken.push(read)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, readOn))
  const inOrder = (a: Found, b: Found) => modules.indexOf(a.module) - modules.indexOf(b.module)
  return { found: found.sort(inOrder), broken }
}

/** More processes than this would make each other late. */
const atOnce = 2 * availableParallelism()

const endings = ['ts', 'mts', 'js', 'mjs']

/** Files, and the `index` of directories; a directory without one holds what kinds share. */
async function listModules(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => !name.startsWith('.') && name !== 'node_modules').sort()
  return names.flatMap((name) => moduleAt(join(directory, name)) ?? [])
}

function moduleAt(path: string): string | undefined {
  if (statOf(path)?.isDirectory()) {
    return endings.map((ending) => join(path, `index.${ending}`)).find((index) => existsSync(index))
  }
  return /\.(ts|mts|js|mjs)$/.test(path) && !/\.d\.m?ts$/.test(path) ? path : undefined
}

/** Undefined for what is not there, or cannot be looked at: a link that leads to itself. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

async function readKind(module: string, options: ReaderOptions): Promise<Found | Broken> {
  // A pipe under the name of a module would never end.
  if (!statOf(module)?.isFile()) return { module, reason: 'it is not a file' }
  const { text, failure } = await describe(module, options)
  if (failure !== undefined) return { module, reason: failure }
  if (text.length > maxCharacters) return { module, reason: 'its definition is larger than 1 MiB' }
  try {
    const definition: unknown = JSON.parse(text)
    const reason = check(definition) ?? checkSchemas(definition as KindDefinition)
    return reason === undefined ? { module, definition: definition as KindDefinition } : { module, reason }
  } catch {
    return { module, reason: 'it ended without a definition' }
  }
}

const check = checkOf(KindDefinition, 'the definition')

function checkSchemas({ input, result }: KindDefinition): string | undefined {
  return checkSchema(input, 'input') ?? (result && checkSchema(result, 'result'))
}

/** A schema that cannot be used is found out here, not by the first who submits a task. */
function checkSchema(schema: KindDefinition['input'], name: 'input' | 'result'): string | undefined {
  const outside = outsideReference(schema)
  if (outside !== undefined) return `its ${name} schema refers to ${outside}: put all of it into the module`
  try {
    inputCheckOf(schema, name)(null)
    return undefined
  } catch (error) {
    return `its ${name} schema cannot be used: ${error instanceof Error ? error.message : error}`
  }
}

/** From the end of the process to that of its pipes. */
const drainMs = 500
/** More than this is no definition. */
const maxCharacters = 1024 * 1024

function describe(module: string, options: ReaderOptions): Promise<{ text: string; failure?: string }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', options.program, module], {
    env: options.environment,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    timeout: options.deadlineMs,
    killSignal: 'SIGKILL',
  })
  const pipes = [child.stdio[3], child.stderr] as Readable[]
  const [text, complaint] = pipes.map(collect) as [() => string, () => string]
  // A process that the module has left behind may hold the pipes: it is not waited for.
  child.on('exit', () =>
    setTimeout(() => {
      for (const pipe of pipes) pipe.destroy()
    }, drainMs).unref(),
  )
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ text: '', failure: error.message }))
    child.on('close', (code) => {
      if (child.killed) return resolve({ text: '', failure: `it did not load within ${options.deadlineMs / 1000} s` })
      if (code !== 0) return resolve({ text: '', failure: errorLine(complaint()) })
      resolve({ text: text() })
    })
  })
}

function collect(stream: Readable): () => string {
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    if (text.length <= maxCharacters) text += chunk
  })
  return () => text
}

/** The line of Node's report that names the error. */
function errorLine(report: string): string {
  return report.split('\n').find((line) => /^\w*Error\b/.test(line)) ?? (report.trim() || 'it could not be loaded')
}
