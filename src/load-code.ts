/** The code that workers run: the kinds and the linked program, made at a start or remembered from an earlier one. */
import { fileURLToPath } from 'node:url'
import { Appetite } from './kinds/appetite.ts'
import { type AllRead, loadAgain, type ReaderOptions, readKinds, readOwnKinds } from './kinds/read.ts'
import { link, linkedIn } from './launch/link.ts'
import { rehearsal } from './launch/rehearsal.ts'
import { fingerprintOf, Remembered } from './launch/remembered.ts'
import { leanNode } from './process/lean-node.ts'
import type { Logger } from './system/logger.ts'

type Environment = Readonly<Record<string, string>>

const places = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

interface CodeSite {
  /** What programs of ours are started with. */
  readonly environment: Environment
  readonly logger: Logger
}

/** What of Mayfly itself every task needs. */
export interface OwnCode {
  readonly ownKinds: AllRead
  /** The program that workers are born from. */
  readonly linked: string
}

/**
 * Reads the kinds that come with Mayfly and links the worker, or lays out what an earlier start has made of the same
 * code, which spares a third of the CPU of a start (measured).
 */
export async function takeUpCode(site: CodeSite, environment: Environment, cache: string): Promise<OwnCode> {
  const program = places('workers/main.ts')
  const fingerprint = fingerprintOfCode(environment)
  const remembered = new Remembered(places('node_modules/.cache/mayfly-code'), fingerprint)
  const found = (await remembered.recall(cache)) as AllRead['found'] | undefined
  if (found) return { ownKinds: { found, broken: [] }, linked: linkedIn(cache) }
  const [ownKinds, linked] = await Promise.all([
    loadOwnKinds(environment),
    link(program, cache, site.environment, site.logger),
  ])
  const isWhole = ownKinds.broken.length === 0 && linked !== program
  // Code that was changed meanwhile, as by an update, would be found by those who go back to what it was before.
  if (isWhole && fingerprintOfCode(environment) === fingerprint) await remembered.keep(cache, ownKinds.found)
  return { ownKinds, linked }
}

/** Where all is that workers load of ours, and who reads and links it. */
const codeOfWorkers = [
  'workers',
  ...['contract', 'kinds', 'launch', 'mask', 'process', 'protocol', 'system', 'task'].map((folder) => `src/${folder}`),
  'src/load-code.ts',
]

/** Of libraries it is enough which there are: what Node has compiled of them it compares with them itself. */
function fingerprintOfCode(environment: Environment): string {
  const { version, arch } = process
  const { NODE_COMPILE_CACHE: _, ...steady } = environment
  // In a checkout the libraries lie below it, of a package that is installed beside it.
  const code = [...codeOfWorkers, 'package.json', 'node_modules/.package-lock.json', '../.package-lock.json']
  return fingerprintOf(code.map(places), { version, arch, user: process.getuid?.(), steady })
}

const kindDeadlineMs = 10_000

const readerIn = (environment: Environment): ReaderOptions => ({
  program: places('workers/describe.ts'),
  environment,
  deadlineMs: kindDeadlineMs,
})

async function loadOwnKinds(environment: Environment): Promise<AllRead> {
  const reader = readerIn(environment)
  const read = await readOwnKinds(places('workers/tasks'), reader)
  const modules = rehearsal.kinds.map(({ module }) => module)
  await Promise.all([loadAgain(modules, reader), loadLean([...leanOf(read), ...modules], environment)])
  return read
}

/** Those of an operator are always read anew: nothing says what they are made of. */
export async function loadKinds(directories: readonly string[], environment: Environment): Promise<AllRead> {
  const read = await readKinds(directories, readerIn(environment))
  await loadLean(leanOf(read), environment)
  return read
}

/** Like the first worker's, the code of kinds is in the compile cache from now on, however their workers are started. */
async function loadLean(modules: readonly string[], environment: Environment): Promise<void> {
  await loadAgain(modules, { ...readerIn(environment), flags: leanNode })
}

function leanOf({ found }: AllRead): readonly string[] {
  const lean = found.filter(({ builtins = Number.POSITIVE_INFINITY }) => new Appetite(builtins).isLean)
  return lean.map(({ module }) => module)
}
