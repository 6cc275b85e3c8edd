import type { Connection } from 'jsforce/lib/connection.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../connect.ts'
import { type Emulator, startEmulator } from '../emulator.ts'
import type { EmulatedOrg } from '../org.ts'

let emulator: Emulator
let hub: EmulatedOrg
let connection: Connection

beforeAll(async () => {
  emulator = await startEmulator({ orgs: [{ name: 'hub' }] })
  hub = emulator.org('hub')
  connection = connect(hub)
})
afterAll(() => emulator.close())

const definition = { Edition: 'Developer', DurationDays: 3, OrgName: 'Feature', AdminEmail: 'a@example.com' }

describe('a scratch org', () => {
  it('becomes an org that its code opens, and is gone when it is deleted', async () => {
    const before = hub.limits.ActiveScratchOrgs?.Remaining ?? 0
    const clientId = hub.sessions.app.clientId
    const id = await create({ ...definition, ConnectedAppConsumerKey: clientId, ConnectedAppCallbackUrl: callback })
    const seen = await pollScratch(id)
    expect(seen.map(({ Status }) => Status)).toEqual(['New', 'Creating', 'Active'])
    const { AuthCode, LoginUrl, SignupUsername, ScratchOrg } = seen.at(-1) ?? {}
    const token = await exchange(String(LoginUrl), String(AuthCode), clientId)
    const scratch = hub.scratchOrgs.orgOf(id)
    expect(token).toMatchObject({ instance_url: scratch.url, refresh_token: expect.any(String) })
    expect([scratch.username, scratch.id.slice(0, 15)]).toEqual([SignupUsername, ScratchOrg])
    const there = connect(scratch)
    expect((await there.query('SELECT Id FROM User')).totalSize).toBeGreaterThan(0)
    expect(hub.limits.ActiveScratchOrgs?.Remaining).toBe(before - 1)
    const { records } = await connection.query(`SELECT Id FROM ActiveScratchOrg WHERE ScratchOrg = '${ScratchOrg}'`)
    await connection.sobject('ActiveScratchOrg').destroy(String(records[0]?.Id))
    expect(await connection.sobject('ScratchOrgInfo').retrieve(id)).toMatchObject({ Status: 'Deleted' })
    expect(hub.limits.ActiveScratchOrgs?.Remaining).toBe(before)
    expect((await fetch(`${scratch.url}/services/data`)).status).toBe(420)
  })

  it('that fails says why', async () => {
    hub.scratchOrgs.failNext('S-1006')
    expect((await pollScratch(await create(definition))).at(-1)).toMatchObject({ Status: 'Error', ErrorCode: 'S-1006' })
  })

  it('is refused when the hub has enough of them', async () => {
    const { ActiveScratchOrgs } = hub.limits
    hub.limits.ActiveScratchOrgs = { Max: 3, Remaining: 0 }
    await expect(create(definition)).rejects.toThrow('has reached its active scratch org limit')
    Object.assign(hub.limits, { ActiveScratchOrgs })
  })
})

describe('a sandbox', () => {
  it('is copied by and by, with the metadata of its source, and opens to the app of its production', async () => {
    hub.metadata.add({ 'classes/Copied.cls': 'class Copied {}' })
    const id = await createSandbox({
      SandboxName: 'dev1',
      LicenseType: 'DEVELOPER',
      ActivationUserGroupId: '00G000000000001',
    })
    const seen = await pollSandbox(id, 'Completed')
    expect(seen.map(({ Status, CopyProgress }) => [Status, CopyProgress])).toEqual([
      ['Pending', 0],
      ['Processing', 0],
      ['Processing', 25],
      ['Processing', 50],
      ['Processing', 75],
      ['Activating', 100],
      ['Completed', 100],
    ])
    const clientId = hub.sessions.app.clientId
    const opened = await connection.requestPost<{ authCode: string; loginUrl: string; authUserName: string }>(
      '/tooling/sandboxAuth',
      { sandboxName: 'dev1', clientId, callbackUrl: callback },
    )
    expect(opened.authUserName).toBe(`${hub.username}.dev1`)
    const sandbox = hub.sandboxes.orgNamed('dev1')
    expect(await exchange(opened.loginUrl, opened.authCode, clientId)).toMatchObject({ instance_url: sandbox.url })
    expect(sandbox.metadata.get('ApexClass', 'Copied')).toBeDefined()
    expect(sandbox.id.slice(0, 15)).toBe(seen.at(-1)?.SandboxOrganization)
  })

  it('is refreshed into another org, which waits to be activated, and deleted', async () => {
    const before = hub.sandboxes.orgNamed('dev1')
    const [info] = hub.rows.all('SandboxInfo')
    const id = info?.Id ?? ''
    await connection.tooling.sobject('SandboxInfo').update({ Id: id, Description: 'again' } as never)
    const [waiting] = (await pollSandbox(id, 'Pending Activation')).slice(-1)
    expect(hub.sandboxes.orgNamed('dev1')).toBe(before)
    await connection.tooling
      .sobject('SandboxProcess')
      .update({ Id: String(waiting?.Id), RefreshAction: 'ACTIVATE' } as never)
    await pollSandbox(id, 'Completed')
    expect([before.isGone, hub.sandboxes.orgNamed('dev1').isGone]).toEqual([true, false])
    await connection.tooling.sobject('SandboxInfo').destroy(id)
    expect(() => hub.sandboxes.orgNamed('dev1')).toThrow('There is no sandbox dev1')
    await createSandbox({ SandboxName: 'dev1', LicenseType: 'PARTIAL' })
  })

  it('for developers needs a group that may come in', async () => {
    const asked = createSandbox({ SandboxName: 'dev2', LicenseType: 'DEVELOPER' })
    await expect(asked).rejects.toThrow('ActivationUserGroupId')
  })
})

const callback = 'http://localhost:1717/OauthRedirect'

async function create(values: Record<string, unknown>): Promise<string> {
  const made = await connection.sobject('ScratchOrgInfo').create(values as never)
  return String((made as { id?: string }).id)
}

async function createSandbox(values: Record<string, unknown>): Promise<string> {
  const made = await connection.tooling.sobject('SandboxInfo').create({ AutoActivate: false, ...values } as never)
  return String((made as { id?: string }).id)
}

async function pollScratch(id: string): Promise<Record<string, unknown>[]> {
  const soql = `SELECT Id, Status, ErrorCode, LoginUrl, SignupUsername, AuthCode, ScratchOrg FROM ScratchOrgInfo WHERE Id = '${id}'`
  return poll(
    () => connection.query(soql),
    ({ Status }) => Status === 'Active' || Status === 'Error',
  )
}

function pollSandbox(id: string, end: string): Promise<Record<string, unknown>[]> {
  const soql = `SELECT Id, Status, CopyProgress, SandboxOrganization FROM SandboxProcess WHERE SandboxInfoId = '${id}' ORDER BY CreatedDate DESC, Id DESC LIMIT 1`
  return poll(
    () => connection.tooling.query(soql),
    ({ Status }) => Status === end,
  )
}

async function poll(
  look: () => PromiseLike<{ readonly records: readonly object[] }>,
  isEnd: (row: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown>[]> {
  const seen: Record<string, unknown>[] = []
  for (;;) {
    const row = ((await look()).records[0] ?? {}) as Record<string, unknown>
    seen.push(row)
    if (isEnd(row)) return seen
  }
}

async function exchange(url: string, code: string, clientId: string): Promise<unknown> {
  const form = { grant_type: 'authorization_code', code, client_id: clientId, redirect_uri: callback }
  const response = await fetch(`${url}/services/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) })
  return response.json()
}
