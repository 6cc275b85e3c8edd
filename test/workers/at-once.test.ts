import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { rehearsal } from '../../src/launch/rehearsal.ts'
import type { Worker } from '../../src/process/worker.ts'
import { FRAME } from '../../src/protocol/frame.ts'
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

  it('that has its result goes the shortest way, and yet whoever listens for its exit is heard', async () => {
    const module = join(directory, 'listens.mjs')
    const heard = join(directory, 'heard')
    const write = `process.getBuiltinModule('node:fs').writeFileSync('${heard}', String(code))`
    const listen = `process.on('exit', (code) => ${write})`
    writeFileSync(
      module,
      `export default { run: () => { ${listen}; process.stdout.write('x'.repeat(1e6)); return 1 } }`,
    )
    const worker = await birth(true)
    const printed = text(worker.stdout)
    expect((await tell(worker, { ...told, module })).result).toBe(1)
    expect(readFileSync(heard, 'utf8')).toBe('0')
    expect(await printed).toHaveLength(1e6)
  })

  it('leaves what Node has compiled to those who come after it, where it may', async () => {
    const cache = join(directory, 'cache')
    const environment = { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: cache }
    await tell(await bornHere({ id: `caches-${process.pid}`, program, directory, isAwaited: true, environment }), told)
    const [version = ''] = readdirSync(cache)
    expect(readdirSync(join(cache, version))).not.toEqual([])
  })
})
