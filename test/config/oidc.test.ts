import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config/read.ts'

const github = 'https://token.actions.githubusercontent.com'
const rule = (claims: unknown) => ({ claims, tenant: 'acme' })
const trusting = (issuer: string, ...allow: unknown[]) => ({ issuer, audience: 'https://mayfly', allow })

function read(oidc: unknown) {
  const directory = mkdtempSync(join(tmpdir(), 'mayfly-oidc-'))
  const path = join(directory, 'config.json')
  writeFileSync(path, JSON.stringify({ oidc }))
  try {
    return readConfig(['--config', path], {}).oidc
  } finally {
    rmSync(directory, { recursive: true })
  }
}

describe('issuers of identity tokens', () => {
  it('are trusted as they are given', () => {
    const oidc = [
      trusting(github, {
        ...rule({ repository: 'acme/shop', ref: ['refs/heads/*', 'refs/tags/*'] }),
        pools: ['normal'],
      }),
      trusting('https://gitlab.acme.com', rule({ project_path: 'acme/*' })),
      trusting('http://127.0.0.1:9999', rule({ a: 'b' })),
    ]
    expect(read(oidc)).toEqual(oidc)
    expect(readConfig([], {}).oidc).toEqual([])
  })

  it.each<[string, unknown, string]>([
    ['no https', [trusting('http://gitlab.acme.com', rule({ a: 'b' }))], 'oidc.0.issuer must begin with https://'],
    ['none', [trusting('gitlab', rule({ a: 'b' }))], 'oidc.0.issuer'],
    ['there twice', [trusting(github, rule({ sub: 'a' })), trusting(github, rule({ sub: 'b' }))], 'is there already'],
    ['no rules', [trusting(github)], 'oidc.0.allow'],
    ['a rule for all', [trusting('https://a.b', rule({}))], 'oidc.0.allow.0.claims'],
    ['a claim that may be anything', [trusting('https://a.b', rule({ sub: '**' }))], 'oidc.0.allow.0.claims.sub'],
    ['a rule for the world', [trusting(github, rule({ ref: 'refs/heads/main' }))], 'would let in anybody'],
    ['an open end', [trusting(github, rule({ sub: ['repo:acme/shop:*', '*:main'] }))], 'would let in anybody'],
    [
      'a tenant that cannot be',
      [trusting('https://a.b', { ...rule({ a: 'b' }), tenant: 'A B' })],
      'oidc.0.allow.0.tenant',
    ],
    ['a pool that is none', [trusting('https://a.b', { ...rule({ a: 'b' }), pools: ['x'] })], 'oidc.0.allow.0.pools'],
    [
      'an admin',
      [trusting('https://a.b', { ...rule({ a: 'b' }), role: 'admin' })],
      'oidc.0.allow.0.role is not allowed',
    ],
  ])('with %s are refused in a sentence', (_what, oidc, sentence) => {
    expect(() => read(oidc)).toThrow(sentence)
  })
})
