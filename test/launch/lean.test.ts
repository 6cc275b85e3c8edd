import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { link } from '../../src/launch/link.ts'
import { leanNode } from '../../src/process/lean-node.ts'
import { AT_ONCE, encodeJson, FRAME } from '../../src/protocol/frame.ts'
import { startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { shortWay, startOf } from '../fixtures/told.ts'

const directory = mkdtempSync(join(tmpdir(), 'mayfly-lean-'))

/** Tells the flags with which its Node was started. */
const kind = (name: string, first: string, more: string) => `${first}
export default { kind: '${name}', pool: 'normal', input: {}, async run() { ${more}; return process.execArgv } }`

describe('a kind that has next to nothing of Node loaded', () => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    writeFileSync(join(directory, 'plain.js'), kind('plain', '', ''))
    writeFileSync(join(directory, 'hungry.js'), kind('hungry', "import 'node:child_process'", ''))
    writeFileSync(join(directory, 'later.js'), kind('later', '', "await import('node:child_process')"))
    writeFileSync(join(directory, 'loud.js'), kind('loud', '', "console.log('loud')"))
    mayfly = await startMayfly({ config: { kinds: [directory] } })
  })

  afterAll(async () => {
    await mayfly.remove()
    rmSync(directory, { recursive: true })
  })

  const flags = async (kind: string) => (await mayfly.run({ kind })).result
  const lean = expect.arrayContaining(['--no-rehash-snapshot'])

  it('has workers that start lean, every time', async () => {
    expect(await flags('plain')).toEqual(lean)
    expect(await flags('plain')).toEqual(lean)
  })

  it.each(['hungry', 'exec'])('is not %s, whose module says what it needs', async (kind) => {
    const task = await mayfly.run({ kind, input: kind === 'exec' ? { command: ['true'] } : {} })
    expect(task).toMatchObject({ state: 'succeeded' })
    expect(task.result).not.toEqual(lean)
  })

  it.each(['later', 'loud'])('is not %s any more, once its tasks have had more loaded', async (kind) => {
    expect(await flags(kind)).toEqual(lean)
    expect(await flags(kind)).toEqual(lean)
    expect(await flags(kind)).not.toEqual(lean)
  })

  it('finds what V8 has compiled of its code, as others do', () => {
    const cache = join(mayfly.data, 'compile-cache')
    const compiled = readdirSync(cache, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    const sizes = compiled.map(({ name }) => readdirSync(join(cache, name)).length)
    expect(sizes).toHaveLength(2)
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(2)
  })
})

describe('the life of a lean worker that does nothing, all of whose paths are long', () => {
  const long = mkdtempSync(join(tmpdir(), 'mayfly-lean-'))
  const place = join(long, 'a'.repeat(100))
  const module = join(place, 'nothing.mjs')
  let program: string

  beforeAll(async () => {
    mkdirSync(place)
    writeFileSync(module, 'export default { run: () => null }')
    const source = fileURLToPath(new URL('../../workers/main.ts', import.meta.url))
    program = await link(source, place, { PATH: process.env.PATH ?? '' }, pino({ level: 'silent' }))
  })

  afterAll(() => rmSync(long, { recursive: true }))

  async function optimizedWith(flags: readonly string[]): Promise<readonly string[]> {
    const child = spawn(process.execPath, [...flags, '--trace-opt', program, AT_ONCE], {
      env: {},
      stdio: ['ignore', 'pipe', 'inherit', 'pipe', 'pipe'],
    })
    const exited = once(child, 'exit')
    const [, stdout, , toWorker, fromWorker] = child.stdio as unknown as [null, Readable, null, Writable, Readable]
    fromWorker.resume()
    toWorker.end(Buffer.concat([encodeJson(FRAME.START, startOf({ module, kept: '' })), encodeJson(FRAME.END)]))
    const [said, [code, signal]] = await Promise.all([text(stdout), exited])
    expect({ code, signal }).toEqual(shortWay)
    return said.match(/(?<=\[compiling method .*<JSFunction )\S+/g) ?? []
  }

  it('has nothing optimized by V8: that would take longer than it saves', async () => {
    expect(await optimizedWith(leanNode)).toEqual([])
  })

  it('would have what looks for the parts of a path, by the compiler that is left out', async () => {
    const others = leanNode.filter((flag) => flag !== '--no-maglev')
    expect(await optimizedWith(others)).toContain('isPosixPathSeparator')
  })
})
