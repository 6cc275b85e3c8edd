/** The recipe of the README for commands of Salesforce's own tools, with a program that stands in for `sf`. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'

let salesforce: TestSalesforce
let path: string

/** Logs in as it is told by its environment, leaves something at home as `sf` does, and prints what it should not. */
const standIn = `#!${process.execPath}
const { existsSync, mkdirSync, writeFileSync } = require('node:fs')
const { HOME, SF_ACCESS_TOKEN, SF_ORG_INSTANCE_URL } = process.env
const headers = { authorization: 'Bearer ' + SF_ACCESS_TOKEN }
fetch(SF_ORG_INSTANCE_URL + '/services/oauth2/userinfo', { headers }).then(async (response) => {
  const names = Object.keys(process.env).filter((name) => name.startsWith('SF_')).sort()
  console.log(JSON.stringify({ names, home: HOME, isUsed: existsSync(HOME + '/.sf') }))
  console.log(process.argv.slice(2).join(' '), response.status, (await response.json()).preferred_username)
  console.log('the token is', SF_ACCESS_TOKEN)
  mkdirSync(HOME + '/.sf')
  writeFileSync(HOME + '/.sf/auth.json', SF_ACCESS_TOKEN)
})
`

const env = {
  SF_DISABLE_LOG_FILE: 'true',
  SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
  SF_AUTOUPDATE_DISABLE: 'true',
  SF_DISABLE_TELEMETRY: 'true',
}

beforeAll(async () => {
  salesforce = await startSalesforce()
  const { data } = salesforce.mayfly
  mkdirSync(`${data}/programs`)
  writeFileSync(`${data}/programs/sf`, standIn)
  chmodSync(`${data}/programs/sf`, 0o755)
  path = `${data}/programs:/usr/bin:/bin`
})

afterAll(() => salesforce.close())

const run = (more: object = {}) =>
  salesforce.mayfly.run({
    kind: 'exec',
    secrets: { token: 'vault:org/prod/session' },
    input: {
      command: ['sf', 'org', 'login', 'access-token', '--no-prompt'],
      env: { ...env, PATH: path, ...more },
      secretEnv: { SF_ACCESS_TOKEN: 'token' },
    },
  })

describe('exec of a command of sf', () => {
  it('has the token of the session, a home of its own, and nothing that shows the token', async () => {
    const homes: string[] = []
    for (const task of [await run(), await run()]) {
      expect([task.state, task.error]).toEqual(['succeeded', null])
      const [told = '', said, token] = await salesforce.mayfly.texts(task.id, 'stdout')
      const { names, home, isUsed } = JSON.parse(told)
      expect(names).toEqual([...Object.keys(env), 'SF_ACCESS_TOKEN', 'SF_ORG_INSTANCE_URL'].toSorted())
      expect([home.startsWith(`${salesforce.mayfly.data}/workspaces/`), isUsed]).toEqual([true, false])
      expect(said).toBe(`org login access-token --no-prompt 200 ${salesforce.org('prod').username}`)
      expect(token).toMatch(/^the token is \S+$/)
      expect(token).not.toContain('!AQ')
      homes.push(home)
    }
    expect(new Set(homes).size).toBe(2)
  })

  it('takes a token that somebody stored as it is', async () => {
    const { accessToken, instanceUrl } = JSON.parse(salesforce.org('prod').login('accessToken'))
    await salesforce.store('org/prod/session', accessToken)
    const task = await run({ SF_ORG_INSTANCE_URL: instanceUrl })
    expect([task.state, task.error]).toEqual(['succeeded', null])
  })
})
