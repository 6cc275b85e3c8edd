import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openOwnPipe } from '../../src/secrets/own-pipe.ts'

const directory = mkdtempSync(join(tmpdir(), 'mayfly-own-pipe-'))

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true, force: true })
})

describe('a pipe of our own', () => {
  it('is refused in one sentence where the path of its socket would be too long, and leaves nothing', async () => {
    const deep = join(directory, 'x'.repeat(90))
    mkdirSync(deep, { recursive: true })
    vi.stubEnv('TMPDIR', deep)
    await expect(openOwnPipe(10)).rejects.toThrow(`${deep}, whose path is too long: set TMPDIR to a shorter one`)
    expect(readdirSync(deep)).toEqual([])
  })

  it('takes what is written to it', async () => {
    const pipe = await openOwnPipe(10)
    pipe.writeEnd.end('word')
    await pipe.ended
    expect(pipe.take().toString()).toBe('word')
    pipe.close()
  })
})
