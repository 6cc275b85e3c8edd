import { spawn } from 'node:child_process'
import { existsSync, type Stats, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { checkOf, inputCheckOf } from '../contract/check.ts'
import { KindDefinition } from '../contract/kind.ts'
import type { ModuleText } from '../protocol/messages.ts'
import { outsideReference } from './references.ts'
import { templateFault } from './templates.ts'

export interface ReaderOptions {
  /** The program that loads modules and writes their definitions to fd 3, one a line. */
  readonly program: string
  readonly environment: Readonly<Record<string, string>>
  readonly deadlineMs: number
  /** Of Node, with which the modules are loaded as by the workers that have them too. */
  readonly flags?: readonly string[]
}

export interface Found {
  readonly module: string
  readonly definition: KindDefinition
  /** How many of Node's modules it has loaded, or at most so many; unknown when it is left out. */
  readonly builtins?: number
  /** What it says, where a worker can be told that; else it has to look for it. */
  readonly text?: ModuleText
}
export type Broken = { readonly module: string; readonly reason: string }

/** Kinds, in the order of their modules, and what is none. */
export interface AllRead {
  readonly found: Found[]
  readonly broken: Broken[]
}

/**
 * Reads every kind of these directories, each module in a short-lived process of its own: task code never runs inside
 * the orchestrator, and a module that is broken or hangs is reported by name while the rest works.
 */
export async function readKinds(directories: readonly string[], options: ReaderOptions): Promise<AllRead> {
  return readEach((await Promise.all(directories.map(listModules))).flat(), options)
}

/**
 * Reads the kinds that come with Mayfly, all in one process: a process for each would cost every start more than all
 * else. Its tests say that their schemas can be used, so that they are compiled when they are needed. When anything is
 * wrong with one, each is read alone, and the one is named.
 */
export async function readOwnKinds(directory: string, options: ReaderOptions): Promise<AllRead> {
  const modules = await listModules(directory)
  const { text, failure } = await describe(modules, options)
  const lines = text.split('\n').slice(0, -1)
  if (failure !== undefined || lines.length !== modules.length) return readEach(modules, options)
  const read = modules.map((module, at) => toKind(module, lines[at] ?? '', referencesOf))
  return read.every(isFound) ? { found: read, broken: [] } : readEach(modules, options)
}

/** Has all of these loaded once more, as workers load them: what Node makes of them is in its cache then. */
export async function loadAgain(modules: readonly string[], options: ReaderOptions): Promise<void> {
  if (modules.length > 0) await describe(modules, options)
}

async function readEach(modules: readonly string[], options: ReaderOptions): Promise<AllRead> {
  const found: Found[] = []
  const broken: Broken[] = []
  const waiting = modules.values()
  const readOn = async () => {
    for (const module of waiting) {
      const read = await readKind(module, options)
      if (isFound(read)) found.push(read)
      else broken.push(read)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, readOn))
  const inOrder = (a: Found, b: Found) => modules.indexOf(a.module) - modules.indexOf(b.module)
  return { found: found.sort(inOrder), broken }
}

function isFound(read: Found | Broken): read is Found {
  return 'definition' in read
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
  const { text, failure } = await describe([module], options)
  if (failure !== undefined) return { module, reason: failure }
  return toKind(module, text, checkSchemas)
}

/** What is wrong with the schemas of a definition, in one sentence. */
type SchemaCheck = (definition: KindDefinition) => string | undefined

function toKind(module: string, text: string, checkSchemas: SchemaCheck): Found | Broken {
  if (text.length > maxCharacters) return { module, reason: tooLarge }
  try {
    const { definition, ...code } = JSON.parse(text) as { readonly definition: unknown } & Omit<Found, 'module'>
    const reason =
      sizeFault(definition) ??
      check(definition) ??
      checkSchemas(definition as KindDefinition) ??
      templateFault(definition as KindDefinition) ??
      serviceFault(definition as KindDefinition)
    return reason === undefined ? { module, definition: definition as KindDefinition, ...code } : { module, reason }
  } catch {
    return { module, reason: 'it ended without a definition' }
  }
}

const check = checkOf(KindDefinition, 'the definition')

/** A schema that cannot be used is found out here, not by the first who submits a task. */
function checkSchemas(definition: KindDefinition): string | undefined {
  const { input, result } = definition
  return referencesOf(definition) ?? compile(input, 'input') ?? (result && compile(result, 'result'))
}

/** Whoever may submit any parent has such tasks run in a pool that may be closed to it: the key keeps them few. */
function serviceFault({ serves, concurrency }: KindDefinition): string | undefined {
  return serves && !concurrency ? 'it serves parents and has no concurrency key, which keeps such tasks few' : undefined
}

type SchemaName = 'input' | 'result'

function referencesOf({ input, result }: KindDefinition): string | undefined {
  return outside(input, 'input') ?? (result && outside(result, 'result'))
}

function outside(schema: KindDefinition['input'], name: SchemaName): string | undefined {
  const reference = outsideReference(schema)
  return reference && `its ${name} schema refers to ${reference}: put all of it into the module`
}

function compile(schema: KindDefinition['input'], name: SchemaName): string | undefined {
  try {
    inputCheckOf(schema, name)(null)
    return undefined
  } catch (error) {
    return `its ${name} schema cannot be used: ${error instanceof Error ? error.message : error}`
  }
}

function sizeFault(definition: unknown): string | undefined {
  return JSON.stringify(definition).length > maxDefinitionCharacters ? tooLarge : undefined
}

/** From the end of the process to that of its pipes. */
const drainMs = 500
const maxDefinitionCharacters = 1024 * 1024
const tooLarge = 'its definition is larger than 1 MiB'
/** Of a definition, and of what its module says. */
const maxCharacters = 2 * maxDefinitionCharacters

function describe(modules: readonly string[], options: ReaderOptions): Promise<{ text: string; failure?: string }> {
  const { program, flags = [] } = options
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...flags, program, ...modules], {
    env: options.environment,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    timeout: options.deadlineMs,
    killSignal: 'SIGKILL',
  })
  const pipes = [child.stdio[3], child.stderr] as Readable[]
  const most = modules.length * maxCharacters
  const [text, complaint] = pipes.map((pipe) => collect(pipe, most)) as [() => string, () => string]
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

function collect(stream: Readable, mostCharacters: number): () => string {
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    if (text.length <= mostCharacters) text += chunk
  })
  return () => text
}

/** The line of Node's report that names the error. */
function errorLine(report: string): string {
  return report.split('\n').find((line) => /^\w*Error\b/.test(line)) ?? (report.trim() || 'it could not be loaded')
}
