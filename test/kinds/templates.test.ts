import { describe, expect, it } from 'vitest'
import type { KindDefinition } from '../../src/contract/kind.ts'
import { complaintOf, fill, templateFault } from '../../src/kinds/templates.ts'
import type { Json } from '../../src/task/json.ts'

describe('a template of a definition', () => {
  it('has strings of the input where its members stand', () => {
    expect(fill('vault:org/{org}/{what}', { org: 'prod', what: 'session' })).toBe('vault:org/prod/session')
    expect(fill('vault:deploy-token', null)).toBe('vault:deploy-token')
    expect(fill('{a}{a}', { a: '$&' })).toBeUndefined()
  })

  it.each([null, [], 'x', {}, { org: 1 }, { org: '' }, { org: '../x' }, { org: 'a/b' }, { org: 'a:b' }, { org: '-a' }])(
    'has no text for %j',
    (input) => expect(fill('vault:org/{org}/session', input as Json)).toBeUndefined(),
  )

  it('takes what every object has for no member of an input', () => {
    expect(fill('{constructor}', {})).toBeUndefined()
    expect(complaintOf({ templates: ['{constructor}'] }, {})).toBeUndefined()
  })

  it('has an odd member named, and one that is missing left alone', () => {
    const kind = { templates: ['{a}', '{b}'] }
    expect(complaintOf(kind, { a: 'x' })).toBeUndefined()
    expect(complaintOf(kind, { a: 'x', b: '../y' })).toMatch(/^b must be letters, digits/)
  })

  const definition = (more: Partial<KindDefinition>): KindDefinition => ({
    kind: 'k',
    pool: 'batch',
    input: { properties: { org: { type: 'string' }, count: { type: 'integer' } } },
    ...more,
  })

  it.each([
    ['secrets.s.reference', 'names {toString}, which is no member', { secrets: { s: { reference: '{toString}' } } }],
    ['secrets.s.reference', 'names {count}, whose schema', { secrets: { s: { reference: 'vault:{count}' } } }],
    ['concurrency.key', 'has a brace that belongs to no {member}', { concurrency: { key: '{org' } }],
    ['concurrency.key', 'has a brace that belongs to no {member}', { concurrency: { key: '{a b}{org}' } }],
  ])('of %s is found wrong when it %s', (called, fault, more) => {
    expect(templateFault(definition(more))).toContain(`its ${called} ${fault}`)
  })

  it('is right when it names strings of the input', () => {
    expect(templateFault(definition({ secrets: { s: { reference: 'vault:{org}' }, t: {} } }))).toBeUndefined()
  })
})
