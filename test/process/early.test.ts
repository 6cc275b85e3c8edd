import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { bear } from '../../src/process/bear.ts'
import { thisMachine } from '../../src/process/machine.ts'

/** A wrapper that cannot do its work, and says so. */
const failing = {
  level: 0,
  canCutOff: false,
  keepsInMemory: false,
  wrap: () => ['sh', '-c', 'echo cannot >&2; exit 127', 'sh'],
} as const

function birth(id: string) {
  const directory = tmpdir()
  return {
    id,
    program: 'none',
    isolation: failing,
    memoryMiB: 64,
    limits: { dataMiB: 1_000, fileMiB: 10, openFiles: 100, threads: 1_024 },
    directory,
    workspace: { work: directory, home: directory, tmp: directory },
    environment: { PATH: process.env.PATH ?? '' },
  }
}

it('a worker that died before anybody read it is read to its end', async () => {
  const worker = await bear(birth('early'), thisMachine())
  expect(await worker.exited).toEqual({ code: 127, signal: null })
  await sleep(100)
  let said = ''
  worker.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  worker.stdout.on('data', () => {})
  worker.reports.on('data', () => {})
  await Promise.all([worker.stdout, worker.stderr, worker.reports].map((pipe) => once(pipe, 'close')))
  expect(said).toBe('cannot\n')
})

it('a worker that nobody will read costs no descriptor', async () => {
  const before = readdirSync('/proc/self/fd').length
  for (let i = 0; i < 5; i++) {
    const worker = await bear(birth(`unread-${i}`), thisMachine())
    worker.letGo()
    worker.kill()
    await worker.emptied()
  }
  await expect.poll(() => readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before)
})
