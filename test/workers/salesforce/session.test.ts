import { describe, expect, it } from 'vitest'
import { encodeSession, LentSession } from '../../../workers/salesforce/session.ts'

const ended = {
  accessToken: '00D!token-of-this-test',
  instanceUrl: 'https://example.my.salesforce.com',
  orgId: '00D',
  userId: '005',
  username: null,
  issuedAtMs: 1_000,
  expiresAtMs: 2_000,
}
const options = { alias: 'prod', secret: 'session', isCleanup: false }

/** An attempt that has waited for auth.refresh, unless it is the first. */
function contextOf(attempt: number, session: typeof ended | null, failure?: object) {
  const done = failure ? { state: 'failed', error: failure } : { state: 'succeeded', error: null }
  const refreshed = { id: 'c', key: 'auth:prod:1', result: { refreshed: true }, ...done }
  return {
    attempt,
    secrets: {
      names: session ? ['session'] : [],
      text: () => Buffer.from(encodeSession(session ?? ended)).toString(),
      mask: async () => {},
    },
    children: async () => [refreshed],
    submit: async () => ({ id: 'child' }),
    suspend: (): never => {
      throw new Error('suspended')
    },
    log: { info() {} },
  } as unknown as Parameters<typeof LentSession.open>[0]
}

describe('a session that has ended by the clock', () => {
  it('is renewed before it is used', async () => {
    await expect(LentSession.open(contextOf(1, ended), options)).rejects.toThrow('suspended')
  })

  it('is used when it is new: the clock of the org is another, and no end of asking would come of it', async () => {
    expect((await LentSession.open(contextOf(2, ended), options)).value).toEqual(ended)
  })
})

describe('a session that is not there', () => {
  it.each([
    ['NETWORK_TRANSIENT', 'NETWORK_TRANSIENT', true],
    ['SECRET_UNAVAILABLE', 'AUTH_INVALID', false],
    ['AUTH_CONFIG', 'AUTH_INVALID', false],
  ])('because of %s fails as %s', async (code, expected, retryable) => {
    const failed = contextOf(2, null, { code, message: 'why', retryable: false })
    await expect(LentSession.open(failed, options)).rejects.toMatchObject({ code: expected, retryable })
  })

  it('is not made again and again for a task that is lent another', async () => {
    await expect(LentSession.open(contextOf(2, null), options)).rejects.toMatchObject({
      code: 'AUTH_INVALID',
      message: expect.stringContaining('let its request say nothing of the secret session'),
    })
  })
})
