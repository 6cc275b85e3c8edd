import { expect, it } from 'vitest'
import { secretIn } from '../../../workers/lint/known-secrets.ts'
import { lintMetadata } from '../../../workers/metadata/lint.ts'

const long = 'a1B2c3D4e5'.repeat(6)

// Put together here, so that nobody takes this file for one with secrets in it.
it.for([
  ['-----BEGIN RSA ' + 'PRIVATE KEY-----', 'a private key'],
  [`00D000000000001!${long}`, 'a session of Salesforce'],
  [`force://PlatformCLI::${long}@example.my.salesforce.com`, 'a login of Salesforce'],
  ['AKIA' + 'ABCDEFGHIJ234567', 'a key of AWS'],
  [`ghp_${long.slice(0, 36)}`, 'a token of GitHub'],
  [`glpat-${long.slice(0, 20)}`, 'a token of GitLab'],
  [`xoxb-${long}`, 'a token of Slack'],
  [`AIza${long.slice(0, 35)}`, 'a key of Google'],
  [`sk_live_${long.slice(0, 24)}`, 'a key of Stripe'],
  [`eyJ${long}.eyJ${long}.${long}`, 'a signed token'],
  ['https://me:hunter22@example.com/a', 'a password in a URL'],
] as const)('%# is %s', ([text, what]) => {
  expect(secretIn(`before ${text} after`)).toBe(what)
})

it.for([
  'https://example.com:8080/a@b',
  'https://user@example.com/',
  'https://{!$Credential.UserName}:{!$Credential.Password}@example.com',
  'password = secret',
  '00D000000000001AAA',
  'AKIA',
  'eyJ.eyJ.x',
])('%s is none', (text) => {
  expect(secretIn(text)).toBeUndefined()
})

it('is found in metadata, by its element, and not shown', () => {
  const password = 'hunter22'
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<NamedCredential xmlns="http://soap.sforce.com/2006/04/metadata">\n  <endpoint>https://me:${password}@example.com</endpoint>\n</NamedCredential>\n`
  const found = lintMetadata('app/namedCredentials/A.namedCredential-meta.xml', xml)
  expect(found).toMatchObject([{ rule: 'metadata/secret', severity: 'error', line: 3 }])
  expect(JSON.stringify(found)).not.toContain(password)
})
