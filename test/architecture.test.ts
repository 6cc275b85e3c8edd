import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/**
 * The rungs, from the top down. A file imports from its own folder and from rungs below its own; never from a neighbour
 * on the same rung, never upwards.
 */
const rungs: readonly (readonly string[])[] = [
  ['src/bin.js'],
  ['src/main.ts'],
  ['src/serve.ts', 'src/host.ts'],
  ['src/passphrase.ts', 'src/start-over.ts'],
  ['src/assemble.ts', 'src/no-start.ts', 'src/reload.ts', 'src/examine-isolation.ts'],
  ['src/edge.ts', 'src/timetable.ts', 'src/secret-sources.ts'],
  ['src/prepare.ts', 'src/orchestrator.ts', 'src/http', 'src/faces', 'src/policy.ts', 'src/stores.ts', 'src/config'],
  ['src/loop.ts', 'src/end-early.ts', 'src/load-code.ts'],
  ['src/runs.ts'],
  [
    'src/run.ts',
    'src/family.ts',
    'src/storing.ts',
    'src/queue.ts',
    'src/restock.ts',
    'src/scaler.ts',
    'src/pace.ts',
    'src/simulate',
    'src/explainer.ts',
  ],
  [
    'src/submit',
    'src/schedule',
    'src/launch',
    'src/stream',
    'src/settle',
    'src/recover',
    'src/retain',
    'src/schedules',
  ],
  ['src/access', 'src/kinds', 'src/files', 'src/secrets', 'src/process', 'src/client'],
  ['src/journal'],
  ['src/contract', 'src/protocol', 'src/mask'],
  ['src/task', 'src/system', 'src/worker-environment.ts'],
]

/** Neighbours that need each other, and why. */
const exceptions: ReadonlySet<string> = new Set([
  // What stands ready depends on the settings, and refuses those that do not work here.
  'src/prepare.ts -> src/config',
  // It says for the scheduler what the settings say.
  'src/policy.ts -> src/config',
])

/** All that a worker may load: it pays for every import at each start. */
const workerMayImport = [
  'workers/',
  'src/protocol/',
  'src/mask/',
  'src/task/',
  'src/system/zeroable.ts',
  'src/system/message.ts',
]

/** All that a client may load: it runs in browsers too. */
const clientMayImport = ['src/client', 'src/contract', 'src/task']

interface Import {
  readonly from: string
  readonly to: string
}

const imports = [...filesUnder('src'), ...filesUnder('workers')].flatMap(importsOf)

describe('the imports', () => {
  it('point down the rungs, and never to a neighbour', () => {
    expect(imports.filter(({ from }) => from.startsWith('src/')).flatMap(complaints)).toEqual([])
  })

  it('find every file of src on a rung', () => {
    expect(filesUnder('src').filter((file) => rungOf(file) < 0)).toEqual([])
  })

  it('of workers lead only to workers, protocol, mask and task, and to what both sides need of the system', () => {
    const strays = imports.filter(
      ({ from, to }) => from.startsWith('workers/') && !workerMayImport.some((place) => to.startsWith(place)),
    )
    expect(strays.map(toSentence)).toEqual([])
  })

  it('of the client lead only to the contract', () => {
    const strays = imports.filter(
      ({ from, to }) => from.startsWith('src/client/') && !clientMayImport.some((place) => to.startsWith(`${place}/`)),
    )
    expect(strays.map(toSentence)).toEqual([])
  })

  it('of the client are all its own: it loads nothing of Node and no package, so that browsers take it as it is', () => {
    const strangers = filesUnder('src/client').filter((file) => /(?:from|import)\s*\(?'[^.]/.test(read(file)))
    expect(strangers).toEqual([])
  })

  it('of kinds bring nothing but types from the worker itself, whose modules are linked into one without them', () => {
    const folders = [
      'tasks',
      'sources',
      'lint',
      'unpack',
      'errors',
      'salesforce',
      'backup',
      'metadata',
      'deploy',
      'apex-tests',
      'apex',
      'lwc',
      'packages',
      'composite',
      'drift',
      'org-validate',
      'build',
      'org-config',
      'tracking',
      'environments',
    ]
    const kinds = folders.flatMap((folder) => filesUnder(`workers/${folder}`))
    const values = /^(?:import|export) (?!type\b)[^\n]*'(\.[^']+)'/gm
    const copied = (file: string, text: string) =>
      [...text.matchAll(values)].some(([, to = '']) => join(dirname(file), to).split('/').length === 2)
    expect(copied('workers/tasks/lint.ts', "import { json } from '../pipes.ts'")).toBe(true)
    expect(copied('workers/tasks/lint.ts', "import type { Context } from '../context.ts'")).toBe(false)
    expect(kinds.filter((kind) => copied(kind, read(kind)))).toEqual([])
  })

  it('of TypeBox are types alone: as a module it takes 13 MB for as long as Mayfly runs', () => {
    const loaders = filesUnder('src').filter((file) => /^import (?!type\b)[^\n]*'typebox/m.test(read(file)))
    expect(loaders).toEqual([])
  })

  it('of what serves agents are made when an agent asks: it takes a quarter of a second, and most servers have none', () => {
    const outside = filesUnder('src').filter((file) => !file.startsWith('src/faces/mcp/'))
    const loaders = outside.filter((file) =>
      /^(?:import|export) [^\n]*'[^'\n]*(?:faces\/mcp\/|\/mcp\/(?:http|stdio)|@modelcontextprotocol)/m.test(read(file)),
    )
    expect(loaders).toEqual([])
    expect(read('src/edge.ts')).toContain("import('./faces/mcp/http.ts')")
  })

  it('of what proves identity tokens are made when one comes: most servers never see any', () => {
    const loaders = filesUnder('src').filter((file) => /^import (?!type\b)[^\n]*'jose'/m.test(read(file)))
    expect(loaders).toEqual([])
    expect(read('src/access/oidc/verify.ts')).toContain("import('jose')")
  })

  it('see a violation when there is one', () => {
    expect(complaints({ from: 'src/launch/launch.ts', to: 'src/settle/settle.ts' })).toHaveLength(1)
    expect(complaints({ from: 'src/task/task.ts', to: 'src/journal/journal.ts' })).toHaveLength(1)
    expect(complaints({ from: 'src/http/server.ts', to: 'workers/context.ts' })).toHaveLength(1)
    expect(imports.length).toBeGreaterThan(200)
  })
})

describe('the environment', () => {
  it('of the process is read by main.ts alone', () => {
    const readers = filesUnder('src').filter((file) => /process\.env\b/.test(read(file)))
    expect(readers).toEqual([])
    expect(read('src/main.ts')).toContain('env')
  })
})

function complaints({ from, to }: Import): string[] {
  const [place, target] = [placeOf(from), placeOf(to)]
  if (place === target || exceptions.has(`${place} -> ${target}`)) return []
  const isBelow = rungOf(to) > rungOf(from)
  return isBelow ? [] : [toSentence({ from, to })]
}

function toSentence({ from, to }: Import): string {
  return `${from} must not import ${to}: imports point down the rungs, see test/architecture.test.ts`
}

function rungOf(file: string): number {
  return rungs.findIndex((places) => places.includes(placeOf(file)))
}

function placeOf(file: string): string {
  const [top, second] = file.split('/')
  return `${top}/${second}`
}

function importsOf(file: string): Import[] {
  const specifiers = read(file).matchAll(/(?:from|import)\s*\(?'(\.[^']+)'/g)
  return [...specifiers].map(([, specifier = '']) => ({
    from: file,
    to: relative(root, join(root, dirname(file), specifier)),
  }))
}

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|js)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}
