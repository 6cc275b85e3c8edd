import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileKey, keyPlaceOf } from '../../src/secrets/master-key.ts'
import { commandProvider } from '../../src/secrets/providers/command.ts'
import { fileProvider } from '../../src/secrets/providers/file.ts'
import { vaultProvider } from '../../src/secrets/providers/vault.ts'
import { Providers } from '../../src/secrets/providers.ts'
import { ShortLived } from '../../src/secrets/short-lived.ts'
import { Vault } from '../../src/secrets/vault.ts'
import { takeOver } from '../../src/system/zeroable.ts'
import { describeProvider } from '../contracts/provider.ts'
import { processesWith } from '../fixtures/aftermath.ts'
import { openIn, temporaryDirectory } from '../journal/sqlite/fixture.ts'

const environment = { PATH: process.env.PATH ?? '/usr/bin:/bin' }

describeProvider('the vault as a provider', async () => {
  const place = temporaryDirectory()
  const journal = await openIn(place.directory)
  const vault = await Vault.open(journal.secrets, fileKey(keyPlaceOf(place.directory)))
  return {
    provider: vaultProvider(vault),
    async put(name, value) {
      await vault.put('acme', name, takeOver(value), Date.now())
    },
    names: ['github/bot', 'token', 'nobody'],
    impossible: [
      ['', 'must be vault:NAME'],
      ['a b', 'must be vault:NAME'],
      ['a/../b', 'must be vault:NAME'],
    ],
    unavailable: [],
    async remove() {
      await journal.close()
      vault.close()
      place.remove()
    },
  }
})

describeProvider('files', async () => {
  const place = temporaryDirectory()
  const at = (...path: string[]) => join(place.directory, ...path)
  const write = (path: string, value: string | Uint8Array, mode = 0o400) => {
    mkdirSync(dirname(path), { recursive: true })
    rmSync(path, { force: true })
    writeFileSync(path, value)
    chmodSync(path, mode)
  }
  write(at('outside'), 'not to be had')
  write(at('run', 'open'), 'for everybody', 0o444)
  write(at('run', 'written'), 'by everybody', 0o662)
  write(at('run', 'large'), Buffer.alloc(64 * 1024 + 3))
  write(at('run', 'key'), 'the master key')
  mkdirSync(at('run', 'directory'))
  symlinkSync('../outside', at('run', 'out'))
  symlinkSync('..', at('run', 'up'))
  // As mounted secrets are: a link to where the newest are.
  mkdirSync(at('run', 'v1'))
  symlinkSync('v1', at('run', 'data'))
  const roots = { run: { path: at('run') }, open: { path: at('run'), shared: true }, gone: { path: at('gone') } }
  return {
    provider: fileProvider({ roots, withheld: [at('run', 'key'), at('nowhere')] }),
    async put(name, value) {
      write(at(name), value)
    },
    names: ['run/data/token', 'run/other', 'gone/nobody'],
    impossible: [
      ['', 'must be file:ROOT/NAME'],
      ['run', 'must be file:ROOT/NAME'],
      ['/etc/passwd', 'must be file:ROOT/NAME'],
      ['run/../outside', 'must be file:ROOT/NAME'],
      ['run/..', 'must be file:ROOT/NAME'],
      ['run//token', 'must be file:ROOT/NAME'],
      ['run/a\0b', 'must be file:ROOT/NAME'],
      ['else/token', 'names the directory else, which is not among secrets.files'],
      ['toString/token', 'names the directory toString'],
    ],
    unavailable: [
      ['run/out', 'is a link out of its directory', false],
      ['run/up/outside', 'is a link out of its directory', false],
      ['run/open', 'everybody may read it: chmod o-r', false],
      ['run/written', 'others may write it: chmod go-w', false],
      ['open/written', 'others may write it: chmod go-w', false],
      ['run/large', 'it has more than 65536 bytes', false],
      ['run/directory', 'it is no file', false],
      ['run/key', 'is Mayfly’s own key', false],
    ],
    async remove() {
      place.remove()
    },
  }
})

describe('the largest secret in a file', () => {
  const value = 'x'.repeat(64 * 1024)

  it.each([
    ['no end of its line', '', false],
    ['the end of its line', '\n', false],
    ['one as on Windows', '\r\n', false],
    ['none, where all counts', '', true],
  ])('is lent whole, with %s', async (_, end, exact) => {
    const place = temporaryDirectory()
    try {
      writeFileSync(join(place.directory, 'large'), value + end, { mode: 0o400 })
      const provider = fileProvider({ roots: { run: { path: place.directory, exact } }, withheld: [] })
      const signal = new AbortController().signal
      expect(String(await provider.get('run/large', { tenant: 'acme', signal }))).toBe(value)
    } finally {
      place.remove()
    }
  })
})

describeProvider('commands', async () => {
  const place = temporaryDirectory()
  const file = (name: string) => join(place.directory, name)
  const sh = (script: string, more = {}) => ({ command: ['sh', '-c', script], ...more })
  const provider = commandProvider({
    commands: {
      one: { command: ['cat', file('one')] },
      another: { command: ['cat', file('another')] },
      fails: sh('echo the-value; echo why >&2; exit 3'),
      hangs: sh('sleep 600', { timeoutSeconds: 0.2 }),
      leaves: sh('sleep 600 & sleep 600', { timeoutSeconds: 0.2 }),
      large: sh('head -c 70000 /dev/zero'),
      silent: sh('true'),
      dies: sh('kill -9 $$'),
      missing: { command: [file('no-such-program')] },
    },
    environment,
    shortLived: new ShortLived(),
  })
  return {
    // A command has a value or fails: that there is none is not for it to say.
    provider: {
      ...provider,
      get: (name, ask) => (name === 'nobody' ? Promise.resolve(undefined) : provider.get(name, ask)),
      refusalOf: (name) => (name === 'nobody' ? undefined : provider.refusalOf(name)),
    },
    async put(name, value) {
      writeFileSync(file(name), value)
    },
    names: ['one', 'another', 'nobody'],
    impossible: [
      ['', 'is not among secrets.commands'],
      ['one --flag', 'is not among secrets.commands'],
      ['toString', 'names the command toString'],
    ],
    unavailable: [
      ['fails', 'failed with exit code 3: run it by hand', true],
      ['hangs', 'did not end within 0.2 s', true],
      ['leaves', 'did not end within 0.2 s', true],
      ['large', 'wrote more than 65536 bytes', false],
      ['silent', 'wrote nothing', true],
      ['dies', 'was ended by SIGKILL', true],
      ['missing', 'is not there: install it', false],
    ],
    async remove() {
      place.remove()
    },
  }
})

describe('a command', () => {
  const get = async (command: object, name = 'it') => {
    const provider = commandProvider({
      commands: { it: command as { command: string[] } },
      environment,
      shortLived: new ShortLived(),
    })
    return (await provider.get(name, { tenant: 'acme', signal: new AbortController().signal }))?.toString()
  }

  it('has nothing of our environment but what the operator gives it', async () => {
    expect(await get({ command: ['env'], environment: { VAULT: 'main' } })).toMatch(
      /^(PATH=.*\nVAULT=main|VAULT=main\nPATH=.*)$/,
    )
  })

  it('may end its value with the end of a line, which is a part of it only where the operator says so', async () => {
    expect(await get({ command: ['printf', 'a-value\\r\\n'] })).toBe('a-value')
    expect(await get({ command: ['printf', 'a-value\\n\\n'] })).toBe('a-value\n')
    expect(await get({ command: ['printf', 'a-value\\n'], exact: true })).toBe('a-value\n')
  })

  it('is ended, with all that it started, when its task is over', async () => {
    const over = new AbortController()
    const mark = `600.${process.pid}`
    const provider = commandProvider({
      commands: { it: { command: ['sh', '-c', `sleep ${mark} & sleep ${mark}`], timeoutSeconds: 60 } },
      environment,
      shortLived: new ShortLived(),
    })
    const getting = provider.get('it', { tenant: 'acme', signal: over.signal })
    getting.catch(() => {})
    await expect.poll(() => processesWith(`sleep\0${mark}`)).toHaveLength(2)
    over.abort()
    await expect(getting).rejects.toThrow('was not waited for: its task has ended')
    await expect.poll(() => processesWith(mark)).toEqual([])
  })

  it('waits for its turn where many are asked at once', async () => {
    const shortLived = new ShortLived()
    const commands = { it: { command: ['echo', 'a-value'], timeoutSeconds: 20 } }
    const provider = commandProvider({ commands, environment, shortLived })
    const signal = new AbortController().signal
    const values = await Promise.all(Array.from({ length: 20 }, () => provider.get('it', { tenant: 'acme', signal })))
    expect(values.map(String)).toEqual(Array(20).fill('a-value'))
  })
})

describe('the providers', () => {
  const values: Record<string, string> = { token: 'correct horse', short: 'ab', large: 'x'.repeat(64 * 1024 + 1) }
  const given: Buffer[] = []
  const vault = vaultProvider({
    async get(_tenant, name) {
      const value = Buffer.from(values[name] ?? '')
      given.push(value)
      return name in values ? value : undefined
    },
  })
  const providers = new Providers({ vault, file: vault, command: vault }, { '*': ['vault:*', 'command:*'] })
  const get = (reference: string) => providers.get(reference, { tenant: 'acme', signal: new AbortController().signal })

  it('give what a tenant may have, by whatever way its reference is written', async () => {
    for (const reference of ['token', 'vault:token']) expect((await get(reference)).toString()).toBe('correct horse')
  })

  it.each([
    ['nobody', 'there is no secret nobody: store it, and the task finds it', true],
    ['file:token', 'the tenant acme may not use file:token', false],
    ['vault:a b', 'the secret vault:a b must be vault:NAME', false],
    ['ftp:token', 'the secret ftp:token must be one of vault:…, file:…, command:…', false],
    ['command:short', 'the secret command:short is not lent: a secret needs at least', false],
    ['command:large', 'the secret command:large is not lent: it has more than 65536 bytes', false],
  ])('say why not: %s', async (reference, says, isPassing) => {
    given.length = 0
    await expect(get(reference)).rejects.toMatchObject({ message: expect.stringContaining(says), isPassing })
    expect(given.every((value) => value.every((byte) => byte === 0))).toBe(true)
  })
})
