import { describe, expect, it } from 'vitest'
import { createRegistry, type Kind } from '../../src/kinds/registry.ts'
import { vaultProvider } from '../../src/secrets/providers/vault.ts'
import { Providers } from '../../src/secrets/providers.ts'
import {
  type AskedSecrets,
  type References,
  refuseHandingOn,
  secretsOf as secretsFor,
  withDefaults,
} from '../../src/submit/secrets.ts'
import type { Json } from '../../src/task/json.ts'

const vault = vaultProvider({ get: async () => undefined })
const providers = new Providers({ vault, keychain: { ...vault, refusalOf: () => undefined } }, { '*': ['vault:*'] })
const secretsOf = (given: References, kind: Kind) => secretsFor(given, kind, 'acme', providers)

const kindWith = (secrets?: Record<string, { required?: boolean; reference?: string }>): Kind => {
  const definition = { kind: 'deploy', pool: 'normal', input: {}, ...(secrets && { secrets }) } as const
  const kind = createRegistry([{ module: 'm', definition }]).registry.get('deploy')
  if (!kind) throw new Error('the kind is not there')
  return kind
}
const declaring = kindWith({ token: { required: true }, proxy: {} })

describe('the secrets of a request', () => {
  it('are what the kind takes, all that it needs among them', () => {
    for (const given of [{ token: 'vault:a' }, { token: 'a', proxy: 'vault:b' }]) {
      expect(secretsOf(given, declaring)).toEqual(given)
    }
  })

  it('may be any where the kind declares none, and must be none where it declares that', () => {
    expect(secretsOf({ anything: 'vault:a' }, kindWith())).toEqual({ anything: 'vault:a' })
    expect(secretsOf({}, kindWith({}))).toEqual({})
    expect(() => secretsOf({ token: 'a' }, kindWith({}))).toThrow('deploy takes no secret token, but none')
  })

  it('are where the kind says, where the request does not, as far as the tenant may use that', () => {
    const kind = kindWith({
      login: { required: true, reference: 'keychain:{org}/login' },
      session: { reference: 'vault:{org}' },
      proxy: { reference: 'keychain:{org}/proxy' },
      other: {},
    })
    const defaults = (asked: AskedSecrets, input: Json = { org: 'a' }) =>
      withDefaults(asked, kind, input, 'acme', providers)
    expect(defaults({})).toEqual({ login: 'keychain:a/login', session: 'vault:a' })
    expect(defaults({ session: 'b', other: 'c' })).toEqual({ login: 'keychain:a/login', session: 'b', other: 'c' })
    expect(defaults({}, {})).toEqual({})
    expect(() => secretsOf(defaults({}) as References, kind)).toThrow('may not use keychain:a/login')
  })

  it.each([
    [{}, 'INVALID_INPUT', 'deploy needs the secret token: give it in the request, as secrets: {"token": "vault:NAME"}'],
    [{ proxy: 'a' }, 'INVALID_INPUT', 'deploy needs the secret token'],
    [{ token: 'a', more: 'b' }, 'INVALID_INPUT', 'deploy takes no secret more, but token, proxy'],
    [{ token: 'a', toString: 'b' }, 'INVALID_INPUT', 'deploy takes no secret toString'],
    [
      { token: 'keychain:a/b' },
      'FORBIDDEN',
      'the tenant acme may not use keychain:a/b: the operator lists what it may',
    ],
    [
      { token: 'file:/etc/passwd' },
      'BAD_REQUEST',
      'secrets.token must be one of vault:…, keychain:…, or just the name',
    ],
    [{ token: 'vault:' }, 'BAD_REQUEST', 'secrets.token must be vault:NAME or just NAME'],
  ])('%j is refused', (given, code, message) => {
    expect(() => secretsOf(given as Record<string, string>, declaring)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })
})

describe('secrets that an input hands on to a command', () => {
  const input = {
    type: 'object',
    properties: {
      secretEnv: { type: 'object', additionalProperties: { type: 'string', format: 'secret-to-command' } },
    },
  }
  const definition = { kind: 'build', pool: 'normal', input } as const
  const kind = createRegistry([{ module: 'm', definition }]).registry.get('build') as Kind
  const refusing = (asked: Json, mayHandOn: boolean) => () =>
    refuseHandingOn(asked, { mine: 'vault:a' }, kind, () => mayHandOn)

  it('are refused by a sentence that names the setting, where that is not allowed', () => {
    const refusal = { code: 'FORBIDDEN', message: expect.stringContaining('the setting allowSecretsInCommands') }
    expect(refusing({ secretEnv: { TOKEN: 'mine' } }, false)).toThrow(expect.objectContaining(refusal))
    expect(refusing({ secretEnv: { TOKEN: 'mine' } }, true)).not.toThrow()
  })

  it('must be there', () => {
    const message = 'secretEnv.B names the secret toString, which is not there: give it in the request, under secrets'
    const refusal = expect.objectContaining({ code: 'INVALID_INPUT', message })
    expect(refusing({ secretEnv: { A: 'mine', B: 'toString' } }, true)).toThrow(refusal)
  })

  it.each([null, [], 'x', {}, { secretEnv: {} }, { secretEnv: null }, { other: { A: 'mine' } }])(
    'are none in %j',
    (asked) => {
      expect(refusing(asked as Json, false)).not.toThrow()
    },
  )
})
