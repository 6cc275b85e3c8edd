import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keychainKey } from '../../src/secrets/keychain-key.ts'
import { KEYCHAIN_LIBRARIES, keychain } from '../../src/secrets/providers/keychain.ts'
import { ShortLived } from '../../src/secrets/short-lived.ts'
import { describeProvider } from '../contracts/provider.ts'
import { lackOfKeyring, lackOfKeytar, type Session, startSession, untilThere } from './keyring.ts'

const ask = () => ({ tenant: 'acme', signal: new AbortController().signal })
const noKeyring = lackOfKeyring()

for (const library of KEYCHAIN_LIBRARIES) {
  const lack = noKeyring ?? (library === 'keytar' ? lackOfKeytar() : undefined)
  const name = `the keychain by ${library}`
  if (lack !== undefined) {
    describe.skip(`${name} (${lack})`, () => it('is asked', () => {}))
    continue
  }
  describeProvider(name, async () => {
    const session = await startSession()
    const { environment } = session
    const provider = keychain({ library, timeoutSeconds: 20, environment, shortLived: new ShortLived() })
    await untilThere(() => provider.get('nobody/nothing', ask()))
    return {
      provider,
      put: (of, value) => provider.set(of, value),
      names: ['github/bot', 'https://example.com/a/bot', 'github/nobody'],
      impossible: [
        ['', 'must be keychain:SERVICE/ACCOUNT'],
        ['github', 'must be keychain:SERVICE/ACCOUNT'],
        ['github/', 'must be keychain:SERVICE/ACCOUNT'],
        ['/bot', 'must be keychain:SERVICE/ACCOUNT'],
        ['a\n/b', 'must be keychain:SERVICE/ACCOUNT'],
      ],
      unavailable: [],
      isText: library === 'keytar',
      async remove() {
        await session.end()
        session.remove()
      },
    }
  })
}

describe.skipIf(noKeyring !== undefined)('a master key in the keychain', () => {
  it('is made, found again, and replaced', async () => {
    const session = await startSession()
    try {
      const { environment } = session
      const own = keychain({
        library: '@napi-rs/keyring',
        timeoutSeconds: 20,
        environment,
        shortLived: new ShortLived(),
      })
      const { store, read } = keychainKey(own, 'mayfly/master')
      const salt = new Uint8Array(16)
      await untilThere(() => own.get('nobody/nothing', ask()))
      expect(await read(salt)).toBeUndefined()
      const made = await store?.make()
      expect((await read(salt))?.equals(made as Buffer)).toBe(true)
      const next = await store?.makeNext()
      expect((await read(salt))?.equals(made as Buffer)).toBe(true)
      await store?.promote()
      expect((await read(salt))?.equals(next as Buffer)).toBe(true)
      expect(await store?.readNext()).toBeUndefined()
    } finally {
      await session.end()
      session.remove()
    }
  })
})

describe.skipIf(noKeyring !== undefined)('the program that asks a keychain', () => {
  it('leaves zeros wherever the value was, in the array of the library too', async () => {
    const session = await startSession()
    const value = Buffer.from('canary-Rw4Kq8Zt2Vn6')
    const run = (action: string) => {
      const preload = fileURLToPath(new URL('children/remember-buffers.ts', import.meta.url))
      const program = fileURLToPath(new URL('../../src/secrets/providers/keychain-helper.ts', import.meta.url))
      const args = ['--import', preload, program, '@napi-rs/keyring', action, 'github', 'bot']
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { env: session.environment, input: value })
      return { status, stdout, buffers: JSON.parse(String(stderr)) }
    }
    try {
      await untilThere(async () => expect(run('set').status).toBe(0))
      const buffers = (...ats: string[]) =>
        ats.map((at) => ({ at, length: expect.toSatisfy((length) => length >= value.length), left: 0 }))
      expect(run('set').buffers).toEqual(buffers('read', 'read'))
      expect(run('get')).toEqual({ status: 0, stdout: value, buffers: buffers('library', 'written') })
    } finally {
      await session.end()
      session.remove()
    }
  })
})

describe('a keychain that cannot be had', () => {
  const get = async (settings: Partial<Parameters<typeof keychain>[0]>) => {
    const environment = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: '/nonexistent' }
    const all = { library: '@napi-rs/keyring', timeoutSeconds: 20, environment, shortLived: new ShortLived() } as const
    return keychain({ ...all, ...settings }).get('github/bot', ask())
  }

  it('because there is none is said in a sentence', async () => {
    await expect(get({})).rejects.toMatchObject({
      isPassing: true,
      message: expect.stringContaining('the keychain cannot be reached, or is locked: start Mayfly in the session'),
    })
  })

  it('because it takes too long is said in a sentence, and waited for no longer', async () => {
    await expect(get({ timeoutSeconds: 0.01 })).rejects.toThrow('the keychain did not answer within 0.01 s')
  })

  it.skipIf(lackOfKeytar() === undefined)('because its library is not installed is said in a sentence', async () => {
    await expect(get({ library: 'keytar' })).rejects.toMatchObject({
      isPassing: false,
      message: expect.stringContaining('the package keytar does not load here: install it'),
    })
  })

  describe.skipIf(noKeyring !== undefined)('because it is locked', () => {
    let session: Session
    beforeAll(async () => {
      const before = await startSession()
      const { environment, home } = before
      const open = keychain({
        library: '@napi-rs/keyring',
        timeoutSeconds: 20,
        environment,
        shortLived: new ShortLived(),
      })
      await untilThere(() => open.set('github/bot', Buffer.from('correct horse')))
      await before.end()
      session = await startSession(home, { locked: true })
    })
    afterAll(async () => {
      await session?.end()
      session?.remove()
    })

    it('is said in a sentence, within its time', async () => {
      const getting = get({ environment: session.environment, timeoutSeconds: 5 })
      await expect(getting).rejects.toThrow(/is locked|may be locked/)
    })
  })
})
