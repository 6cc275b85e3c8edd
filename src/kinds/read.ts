import { spawn } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { checkOf } from '../contract/check.ts'
import { KindDefinition } from '../contract/kind.ts'

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
  const read = await Promise.all(modules.map((module) => readKind(module, options)))
  return {
    found: read.filter((one) => 'definition' in one),
    broken: read.filter((one) => 'reason' in one),
  }
}

async function listModules(directory: string): Promise<string[]> {
  const names = await readdir(directory)
  return names
    .filter((name) => /\.(ts|mts|js|mjs)$/.test(name) && !/\.d\.m?ts$/.test(name))
    .sort()
    .map((name) => join(directory, name))
}

async function readKind(module: string, options: ReaderOptions): Promise<Found | Broken> {
  const { text, failure } = await describe(module, options)
  if (failure !== undefined) return { module, reason: failure }
  const definition: unknown = JSON.parse(text)
  const complaint = check(definition)
  return complaint === undefined ? { module, definition: definition as KindDefinition } : { module, reason: complaint }
}

const check = checkOf(KindDefinition, 'the definition')

/** More than this is no definition. */
const maxCharacters = 1024 * 1024

function describe(module: string, options: ReaderOptions): Promise<{ text: string; failure?: string }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', options.program, module], {
    env: options.environment,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    timeout: options.deadlineMs,
    killSignal: 'SIGKILL',
  })
  const text = collect(child.stdio[3] as Readable)
  const complaint = collect(child.stderr as Readable)
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ text: '', failure: error.message }))
    child.on('close', (code, signal) => {
      if (signal) return resolve({ text: '', failure: `it did not load within ${options.deadlineMs / 1000} s` })
      if (code !== 0) return resolve({ text: '', failure: errorLine(complaint()) })
      resolve({ text: text() })
    })
  })
}

function collect(stream: Readable): () => string {
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    if (text.length < maxCharacters) text += chunk
  })
  return () => text
}

/** The line of Node's report that names the error. */
function errorLine(report: string): string {
  return report.split('\n').find((line) => /^\w*Error\b/.test(line)) ?? (report.trim() || 'it could not be loaded')
}
