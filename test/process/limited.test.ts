import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { Census } from '../../src/process/census.ts'
import { spawnHere } from '../../src/process/spawn.ts'
import { levels } from '../fixtures/levels.ts'
import { tiesOf } from '../fixtures/ties.ts'

const starter = fileURLToPath(new URL('../fixtures/children/programs/one-limited.ts', import.meta.url))
const ties = fileURLToPath(new URL('../fixtures/ties.ts', import.meta.url))
const directory = realpathSync(mkdtempSync(join(tmpdir(), 'mayfly-limited-')))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const program = join(directory, 'spins.mjs')
writeFileSync(
  program,
  `import { tiesOf } from ${JSON.stringify(ties)}
  process.stdout.write(JSON.stringify([...tiesOf('self'), ...tiesOf(1)]))
  for (;;);`,
)

interface Started {
  readonly level: number
  readonly isTied: boolean
  readonly pid: number
  readonly said: string
}

describe.runIf(levels.includes(1))('a worker at level 1', () => {
  it('is ended by the kernel with its orchestrator, though it spins, and has nothing of what does so', async () => {
    const id = `limited-${process.pid}`
    const alive = () => new Census().look((worker) => worker === id).marked
    const orchestrator = fork(starter, [id, directory, program])
    const [{ level, isTied, pid, said }] = (await once(orchestrator, 'message')) as [Started]
    expect([level, isTied]).toEqual([1, process.getuid?.() === 0 && spawnHere().newTie !== undefined])
    expect(tiesOf(pid)).toEqual(isTied ? [5] : [])
    expect(JSON.parse(said)).toEqual([])
    expect(alive()).not.toEqual([])
    orchestrator.kill('SIGKILL')
    await expect.poll(alive).toEqual([])
  })
})
