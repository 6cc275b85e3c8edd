import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { rehearsal } from '../../src/launch/rehearsal.ts'
import type { Worker } from '../../src/process/worker.ts'
import { FRAME } from '../../src/protocol/frame.ts'
import type { Exit } from '../../src/task/endings.ts'
import { bornHere } from '../fixtures/birth.ts'
import { writeRehearsed } from '../fixtures/rehearsed.ts'
import { tell } from '../fixtures/told.ts'

const directory = mkdtempSync(join(tmpdir(), 'mayfly-at-once-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const told = { module: writeRehearsed(directory), kept: join(directory, 'kept') }
const program = fileURLToPath(new URL('../../workers/main.ts', import.meta.url))

function birth(isAwaited: boolean): Promise<Worker> {
  return bornHere({ id: `at-once-${process.pid}`, program, directory, isAwaited })
}

/** A task of these statements. */
function live(worker: Worker, name: string, statements: string, way?: Exit) {
  const module = join(directory, `${name}.mjs`)
  writeFileSync(module, `import fs from 'node:fs'; export default { run() { ${statements} } }`)
  return tell(worker, { ...told, module }, way)
}

describe('a worker', () => {
  it('that stands by says that it is up before it is told its task', async () => {
    const { said, result } = await tell(await birth(false), told)
    expect(said).toEqual([FRAME.BORN, FRAME.READY, FRAME.RESULT])
    expect(result).toBe(false)
  })

  it('that stands by rehearses, unheard, when it has the time', async () => {
    const worker = await birth(false)
    worker.send(FRAME.REHEARSE, rehearsal)
    const { said, result } = await tell(worker, told)
    expect(said).toEqual([FRAME.BORN, FRAME.READY, FRAME.RESULT])
    expect(result).toBe(true)
  })

  it('whose task waits for it goes straight to that', async () => {
    expect((await tell(await birth(true), told)).said).toEqual([FRAME.READY, FRAME.RESULT])
  })

  it('that has its result goes the shortest way, and yet whoever wants to know of its exit is told', async () => {
    const heard = (name: string) => join(directory, name)
    const write = (name: string) => `fs.writeFileSync('${heard(name)}', String(code))`
    const listen = `process.on('exit', (code) => ${write('listener')})`
    // As widespread libraries do.
    const wrap = `const { emit } = process
      process.emit = (event, code) => { const said = emit.call(process, event, code); ${write('wrapper')}; return said }`
    const print = "process.stdout.write('x'.repeat(1e6))"
    const worker = await birth(true)
    const printed = text(worker.stdout)
    expect((await live(worker, 'listens', `${listen}; ${wrap}; ${print}; return 1`)).result).toBe(1)
    for (const name of ['listener', 'wrapper']) expect(readFileSync(heard(name), 'utf8')).toBe('0')
    expect(await printed).toHaveLength(1e6)
  })

  it('does not leave files half written that its task has not waited for', async () => {
    const file = join(directory, 'large')
    const write = `fs.write(fs.openSync('${file}', 'w'), Buffer.alloc(50e6, 1), () => {})`
    await live(await birth(true), 'writes', write, { code: 0, signal: null })
    expect(statSync(file).size).toBe(50e6)
  })

  it('leaves what Node has compiled to those who come after it, where it may', async () => {
    const cache = join(directory, 'cache')
    const environment = { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: cache }
    await tell(await bornHere({ id: `caches-${process.pid}`, program, directory, isAwaited: true, environment }), told)
    const [version = ''] = readdirSync(cache)
    expect(readdirSync(join(cache, version))).not.toEqual([])
  })
})
