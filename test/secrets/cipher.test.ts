import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formsOf, tracesInMemory } from '../../src/process/traces.ts'
import { decrypt, encrypt, newKey } from '../../src/secrets/cipher.ts'

describe('what is encrypted', () => {
  const key = newKey()

  it('opens again, byte for byte, and only as it was', () => {
    const bytes = fc.uint8Array({ maxLength: 300 })
    fc.assert(
      fc.property(bytes, fc.nat(), (plaintext, at) => {
        const sealed = encrypt(key, plaintext, 'about')
        expect(decrypt(key, sealed, 'about').equals(plaintext)).toBe(true)
        expect(() => decrypt(key, sealed, 'about else')).toThrow()
        expect(() => decrypt(newKey(), sealed, 'about')).toThrow()
        const changed = Uint8Array.from(sealed)
        changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ 1
        expect(() => decrypt(key, changed, 'about')).toThrow()
        expect(() => decrypt(key, sealed.subarray(0, at % sealed.length), 'about')).toThrow()
      }),
    )
  })

  it.skipIf(process.platform !== 'linux')(
    'leaves no part of itself in memory when what was opened is wiped',
    async () => {
      // It comes again every 16 bytes: a part that is left is found, too.
      const needle = Buffer.from(randomBytes(8).toString('hex'))
      const sizes = [32, 64, 65, 200, 1_000, 4_096, 20_000]
      const sealed = sizes.map((bytes) =>
        Buffer.from(encrypt(key, Buffer.alloc(bytes, needle), 'about')).toString('base64'),
      )
      const program = fileURLToPath(new URL('children/decrypts.ts', import.meta.url))
      const child = spawn(process.execPath, [program, key.toString('hex'), ...sealed], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      try {
        await once(child.stdout, 'data')
        expect(tracesInMemory(child.pid ?? 0, formsOf(needle)).hits).toBe(0)
      } finally {
        child.kill('SIGKILL')
      }
    },
  )
})
