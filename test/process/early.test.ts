import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { bornHere } from '../fixtures/birth.ts'

/** A wrapper that cannot do its work, and says so. */
const failing = {
  level: 0,
  canCutOff: false,
  keepsInMemory: false,
  wrap: () => ['sh', '-c', 'echo cannot >&2; exit 127', 'sh'],
} as const

const born = (id: string) => bornHere({ id, program: 'none', isolation: failing, directory: tmpdir() })

it('a worker that died before anybody read it is read to its end', async () => {
  const worker = await born('early')
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
    const worker = await born(`unread-${i}`)
    worker.letGo()
    worker.kill()
    await worker.emptied()
  }
  await expect.poll(() => readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before)
})
