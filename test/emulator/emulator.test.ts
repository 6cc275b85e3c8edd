import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Emulator, startEmulator } from './emulator.ts'
import { expiredSession, resetMidBody } from './fault-actions.ts'

let emulator: Emulator
beforeAll(async () => {
  emulator = await startEmulator({ orgs: [{ name: 'prod' }, { name: 'second' }] })
})
afterAll(async () => {
  await emulator.close()
})

describe('an emulated org', () => {
  it('gives a session for a refresh token, at the login URL and at its own', async () => {
    for (const name of ['prod', 'second']) {
      const org = emulator.org(name)
      const { clientId, refreshToken } = JSON.parse(org.login('refreshToken'))
      for (const url of [emulator.url, org.url]) {
        const answer = await post(`${url}/services/oauth2/token`, {
          grant_type: 'refresh_token',
          client_id: clientId,
          refresh_token: refreshToken,
        })
        expect(answer).toMatchObject({ instance_url: org.url, id: `${org.url}/id/${org.id}/${org.userId}` })
      }
    }
  })

  it('takes no session of another', async () => {
    const stranger = JSON.parse(emulator.org('second').login('accessToken')).accessToken
    const response = await limits(emulator.org('prod').url, stranger)
    expect([response.status, await response.json()]).toEqual([
      401,
      [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }],
    ])
  })

  it('fails as it is told, as often as it is told', async () => {
    const org = emulator.org('prod')
    const { accessToken } = JSON.parse(org.login('accessToken'))
    const match = ({ path }: { readonly path: string }) => path.endsWith('/limits')
    emulator.faults.add({ match, action: expiredSession })
    emulator.faults.add({ match, action: resetMidBody() })
    expect((await limits(org.url, accessToken)).status).toBe(401)
    await expect(limits(org.url, accessToken).then((response) => response.text())).rejects.toThrow('terminated')
    expect((await limits(org.url, accessToken)).status).toBe(200)
    expect(emulator.faults.waiting).toBe(0)
  })
})

function limits(url: string, token: string): Promise<Response> {
  return fetch(`${url}/services/data/v62.0/limits`, { headers: { authorization: `Bearer ${token}` } })
}

async function post(url: string, form: Record<string, string>): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) })
  return response.json()
}
