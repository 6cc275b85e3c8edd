import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { readerOf } from '../../src/process/pipe-ends.ts'
import { type PipeEnd, spawnHere } from '../../src/process/spawn.ts'

const mebibyte = 1024 ** 2

async function start(script: string) {
  const { pid, exited, ends } = await spawnHere()({
    program: 'sh',
    args: ['-c', script],
    cwd: '/',
    env: { PATH: process.env.PATH ?? '' },
    descriptors: ['ignore', 'pipe', 'ignore'],
  })
  return { pid, exited, reader: readerOf(ends[1] as PipeEnd) }
}

describe('a pipe that is read into memory of ours', () => {
  it('gives every byte, in order, also to who stops and goes on', async () => {
    const { reader } = await start('seq 1 200000')
    let said = ''
    reader.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1')
      chunk.fill(0)
      reader.pause()
      setImmediate(() => reader.resume())
    })
    await once(reader, 'close')
    expect(said).toBe(`${Array.from({ length: 200_000 }, (_, at) => at + 1).join('\n')}\n`)
  })

  it('takes one chunk and no more while nobody reads: the program waits', async () => {
    const { exited, reader } = await start(`head -c ${8 * mebibyte} /dev/zero`)
    await once(reader, 'readable')
    // What the kernel takes of it is far less than all.
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(reader.readableLength).toBeLessThanOrEqual(64 * 1024)
    expect(await Promise.race([exited, 'runs still'])).toBe('runs still')
    let bytes = 0
    reader.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    await once(reader, 'close')
    expect(bytes).toBe(8 * mebibyte)
  })

  it('is closed when the program has closed its end, without a word to it', async () => {
    const { exited, reader } = await start('printf all; exec >&-; read -r line; exit 3')
    let said = ''
    reader.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1')
    })
    reader.on('finish', () => {
      said += ', and we are through'
    })
    await once(reader, 'close')
    expect({ said, isWritable: reader.writable }).toEqual({ said: 'all', isWritable: false })
    expect(await exited).toEqual({ code: 3, signal: null })
  })

  it('wipes what nobody has taken when it is closed', async () => {
    const { pid, reader } = await start('echo secret; exec sleep 60')
    await once(reader, 'readable')
    const { buffer } = (reader as unknown as { _readableState: { buffer: Buffer[] } })._readableState
    const [waiting] = buffer as [Buffer]
    expect(waiting.toString()).toBe('secret\n')
    reader.destroy()
    await once(reader, 'close')
    expect(waiting.every((byte) => byte === 0)).toBe(true)
    process.kill(pid)
  })
})
