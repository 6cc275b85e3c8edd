import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Io } from '../../../src/faces/cli/io.ts'
import { readSecret } from '../../../src/faces/cli/secret-value.ts'

/** A command's surroundings where these chunks come from a pipe, or are typed. */
function surroundings(chunks: readonly Buffer[], isTTY: boolean): Io {
  const stdin = Object.assign(Readable.from(chunks), { isTTY, setRawMode: () => {} })
  return { stdin, stderr: { write: () => true } } as unknown as Io
}

const read = (chunks: readonly Buffer[], isTTY: boolean) => readSecret(surroundings(chunks, isTTY), '', false)
const isWiped = (chunk: Buffer) => chunk.every((byte) => byte === 0)

describe('the bytes of a secret', () => {
  it.each([
    { what: 'is piped', isTTY: false, chunks: ['a val', 'ue\r\n'], value: 'a value' },
    { what: 'is typed', isTTY: true, chunks: ['a valü', '\x7fu', 'e\rrest'], value: 'a value' },
  ])('are in the value alone when it $what', async ({ isTTY, chunks, value }) => {
    const given = chunks.map((text) => Buffer.from(text))
    expect(String(await read(given, isTTY))).toBe(value)
    expect(given.filter((chunk) => !isWiped(chunk))).toEqual([])
  })

  it.each([
    { what: 'it is too long', isTTY: false, chunks: ['a', 'b'.repeat(65 * 1024)], says: 'longer than 64 KiB' },
    { what: 'it is typed too long', isTTY: true, chunks: ['b'.repeat(65 * 1024)], says: 'longer than 64 KiB' },
    { what: 'it is empty', isTTY: false, chunks: ['\n'], says: 'empty' },
    { what: 'Ctrl-C is typed', isTTY: true, chunks: ['a', 'b\x03c'], says: '' },
  ])('are nowhere when $what', async ({ isTTY, chunks, says }) => {
    const given = chunks.map((text) => Buffer.from(text))
    await expect(read(given, isTTY)).rejects.toThrow(says)
    expect(given.filter((chunk) => !isWiped(chunk))).toEqual([])
  })
})
