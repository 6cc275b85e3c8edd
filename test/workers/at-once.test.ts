import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { FRAME } from '../../src/protocol/frame.ts'
import type { Start } from '../../src/protocol/messages.ts'
import { FrameParser } from '../../src/protocol/parser.ts'
import { bornHere } from '../fixtures/birth.ts'

const directory = mkdtempSync(join(tmpdir(), 'mayfly-at-once-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const module = join(directory, 'kind.mjs')
writeFileSync(module, 'export default { kind: "one", run: () => 1 }')

const start: Start = {
  ...{ task: 'task', tenant: 'default', kind: 'one', attempt: 1, module },
  ...{ input: null, checkpoint: null, debug: false, kept: join(directory, 'kept'), directory: null, uploads: {} },
}

/** All that a worker says in its life, by type. */
async function life(isAwaited: boolean) {
  const worker = await bornHere({
    id: `at-once-${process.pid}-${isAwaited}`,
    program: fileURLToPath(new URL('../../workers/main.ts', import.meta.url)),
    directory,
    isAwaited,
  })
  const parser = new FrameParser()
  const said: number[] = []
  worker.reports.on('data', (chunk: Buffer) => {
    for (const { type } of parser.push(chunk)) said.push(type)
  })
  worker.stdout.resume()
  worker.stderr.resume()
  worker.send(FRAME.START, start)
  worker.send(FRAME.END)
  expect(await worker.exited).toEqual({ code: 0, signal: null })
  await worker.emptied()
  await expect.poll(() => said.at(-1)).toBe(FRAME.RESULT)
  return said
}

describe('a worker', () => {
  it('that stands by says that it is up before it is told its task', async () => {
    expect(await life(false)).toEqual([FRAME.BORN, FRAME.READY, FRAME.RESULT])
  })

  it('whose task waits for it goes straight to that', async () => {
    expect(await life(true)).toEqual([FRAME.READY, FRAME.RESULT])
  })
})
