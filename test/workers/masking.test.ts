import { spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { encodeJson, encodeSecret, FRAME, secretFrameBytes } from '../../src/protocol/frame.ts'
import type { Start } from '../../src/protocol/messages.ts'
import { children } from '../fixtures/mayfly.ts'
import { tellings } from '../mask/fixture.ts'

const program = fileURLToPath(new URL('../../workers/main.ts', import.meta.url))
const module = `${children('masking')}/tell.ts`
const secret = Buffer.from('Xk7"q\\Zw+p9/&Tr=2%Lm')

/** All that a worker lets out of its process while it does a task with the secret. */
async function saidBy(start: Start): Promise<string> {
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'] })
  const [, stdout, stderr, toWorker, reports] = child.stdio as [null, Readable, Readable, Writable, Readable]
  const frame = Buffer.alloc(secretFrameBytes('token', secret))
  encodeSecret('token', secret, frame)
  for (const bytes of [encodeJson(FRAME.START, start), frame, encodeJson(FRAME.END)]) toWorker.write(bytes)
  const chunks: Buffer[] = []
  for (const stream of [stdout, stderr, reports]) stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await new Promise((resolve) => child.once('close', resolve))
  return Buffer.concat(chunks).toString('latin1')
}

it.each([{ fail: false }, { fail: true }])(
  'a secret that a task tells does not leave its process, but through its children (%o)',
  async (input) => {
    const place = { task: 't', tenant: 'default', kind: 'tell', attempt: 1, module, checkpoint: null, kept: '/nowhere' }
    const said = await saidBy({ ...place, input: { ...input, quiet: true } } as unknown as Start)
    expect(said).toContain('raw: ***')
    expect(said).toContain(input.fail ? '*** failed' : '"value":"<***>"')
    for (const [name, telling] of Object.entries(tellings)) {
      const text = telling(secret).toString('latin1')
      expect(said).not.toContain(name.startsWith('base64') ? text.slice(4, -4) : text)
    }
  },
)
