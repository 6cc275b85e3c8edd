import { describe, expect, it } from 'vitest'
import { readLogin } from '../../../workers/salesforce/auth/login.ts'

describe('a login', () => {
  it('is a force URL as the tools of Salesforce show it', () => {
    const login = {
      kind: 'refreshToken',
      clientId: 'PlatformCLI',
      refreshToken: '5Aep861.x',
      loginUrl: 'https://a.my.salesforce.com',
    }
    expect(readLogin('force://PlatformCLI::5Aep861.x@a.my.salesforce.com')).toEqual(login)
    expect(readLogin('force://PlatformCLI:s3cret==:5Aep861.x@a.my.salesforce.com\n')).toEqual({
      ...login,
      clientSecret: 's3cret==',
    })
    const json = JSON.stringify({ kind: 'sfdxAuthUrl', url: 'force://PlatformCLI::5Aep861.x@a.my.salesforce.com' })
    expect(readLogin(json)).toEqual(login)
    expect(readLogin('force://c::r1@127.0.0.1:8080')).toMatchObject({ loginUrl: 'http://127.0.0.1:8080' })
  })

  it('is JSON of one of the kinds', () => {
    const jwt = { kind: 'jwt', clientId: 'c', username: 'u@example.com', privateKeyPem: 'pem' }
    expect(readLogin(JSON.stringify(jwt))).toEqual({ ...jwt, loginUrl: 'https://login.salesforce.com' })
    const password = {
      kind: 'password',
      username: 'u',
      password: 'p',
      securityToken: 't',
      loginUrl: 'https://a.example.com/',
    }
    expect(readLogin(JSON.stringify(password))).toEqual({
      kind: 'password',
      username: 'u',
      password: 'pt',
      loginUrl: 'https://a.example.com',
    })
    const client = { kind: 'clientCredentials', clientId: 'c', clientSecret: 's', instanceUrl: 'https://a.example.com' }
    expect(readLogin(JSON.stringify(client))).toMatchObject({ loginUrl: 'https://a.example.com' })
  })

  it('that cannot be used is refused with what to correct, and never shown', () => {
    const secret = 'hunter2hunter2'
    const refusals = [
      secret,
      `["${secret}"]`,
      JSON.stringify({ kind: 'magic', password: secret }),
      JSON.stringify({ kind: 'jwt', clientId: secret }),
      JSON.stringify({ kind: 'accessToken', accessToken: secret, instanceUrl: `http://${secret}.example.com` }),
      JSON.stringify({ kind: 'accessToken', accessToken: secret, instanceUrl: 'https://a.example.com', extra: secret }),
      `force://${secret}@a.my.salesforce.com`,
    ].map((text) => {
      try {
        return readLogin(text)
      } catch (error) {
        return (error as Error).message.replace(/^the login that is stored for the org cannot be used: /, '')
      }
    })
    expect(refusals).toEqual([
      'it is neither a force:// URL nor a JSON object of strings',
      'its "kind" is none of accessToken, jwt, refreshToken, clientCredentials, password, sfdxAuthUrl: say which one it is',
      'its "kind" is none of accessToken, jwt, refreshToken, clientCredentials, password, sfdxAuthUrl: say which one it is',
      'one of kind jwt needs username and privateKeyPem',
      'its loginUrl or instanceUrl is no https URL: it looks like https://example.my.salesforce.com',
      'one of kind accessToken has no extra, but accessToken, instanceUrl',
      'a force URL is force://<clientId>:<clientSecret>:<refreshToken>@<host>, as "sf org auth show-sfdx-auth-url" shows it',
    ])
    expect(refusals.join()).not.toContain(secret)
  })
})
