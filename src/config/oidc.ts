/** Whose identity tokens are taken, and what whoever has one may do. */
import { closed, TenantName } from '../contract/fragments.ts'
import { type Static, Type } from '../contract/schema.ts'
import { TokenKinds, TokenPools } from '../contract/token.ts'

/** Not of `*` alone: a claim that may be anything says nothing. */
const Pattern = Type.String({ pattern: '[^*]', maxLength: 512, description: 'a value; * is any characters' })

const Rule = closed({
  claims: Type.Record(
    Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_.:/-]{0,127}$' }),
    Type.Union([Pattern, Type.Array(Pattern, { minItems: 1, maxItems: 100 })]),
    {
      additionalProperties: false,
      minProperties: 1,
      description:
        'what must stand in the token, all of it: by the name of the claim a value, or several of which one fits',
    },
  ),
  tenant: TenantName,
  pools: Type.Optional(TokenPools),
  kinds: Type.Optional(TokenKinds),
})

const Issuer = closed({
  issuer: Type.String({
    pattern: '^https?://[^?#]+$',
    maxLength: 512,
    description: 'as tokens name it in iss, such as https://token.actions.githubusercontent.com or https://gitlab.com',
  }),
  audience: Type.String({
    minLength: 1,
    maxLength: 512,
    description:
      'what must be in aud: the address of this server, as its clients give it, unless they are told otherwise',
  }),
  allow: Type.Array(Rule, { minItems: 1, maxItems: 1_000, description: 'the first that fits counts' }),
})

export const Oidc = Type.Array(Issuer, {
  maxItems: 50,
  description: 'identity tokens of pipelines that are taken in place of stored ones, by issuer',
})

export type Oidc = Static<typeof Oidc>

/** Issuers whose tokens anybody in the world can get, and the claims that tell who did. */
const publicly: Readonly<Record<string, readonly string[]>> = {
  'https://token.actions.githubusercontent.com': [
    'sub',
    'repository',
    'repository_id',
    'repository_owner',
    'repository_owner_id',
    'enterprise',
    'enterprise_id',
  ],
  'https://gitlab.com': ['sub', 'project_path', 'project_id', 'namespace_path', 'namespace_id'],
}

/** What is wrong with issuers that are each well-formed, in one sentence. */
export function complaintOfOidc(oidc: Oidc): string | undefined {
  for (const [index, { issuer, allow }] of oidc.entries()) {
    const place = `oidc.${index}`
    if (oidc.findIndex((other) => other.issuer === issuer) !== index)
      return `${place}.issuer: ${issuer} is there already`
    if (!isSafe(issuer)) return `${place}.issuer must begin with https://, unless it is on this machine: ${issuer}`
    const identifying = publicly[issuer]
    const open = identifying && allow.findIndex(({ claims }) => !identifying.some((name) => saysWho(claims[name])))
    if (open !== undefined && open >= 0) {
      return `${place}.allow.${open}.claims would let in anybody who uses ${issuer}: say who, with a value that does not begin with *, in one of ${identifying?.join(', ')}`
    }
  }
  return undefined
}

function saysWho(patterns: string | string[] | undefined): boolean {
  return patterns !== undefined && [patterns].flat().every((pattern) => !pattern.startsWith('*'))
}

function isSafe(address: string): boolean {
  const url = URL.parse(address)
  return url !== null && (url.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname))
}
