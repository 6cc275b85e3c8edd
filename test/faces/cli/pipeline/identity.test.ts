/** Jobs without a stored secret: a real server that trusts a real issuer, asked by REST, by stream and by the command line. */
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { Mayfly } from '../../../../src/client/client.ts'
import { type Issuer, startIssuer } from '../../../fixtures/issuer.ts'
import { startMayfly, type TestMayfly } from '../../../fixtures/mayfly.ts'
import { mayfly } from '../fixtures/cli.ts'

const audience = 'https://mayfly.example.com'
let issuer: Issuer
let silent: Issuer
let server: TestMayfly

beforeAll(async () => {
  ;[issuer, silent] = await Promise.all([startIssuer(), startIssuer()])
  const allow = [{ claims: { repository: 'acme/shop' }, tenant: 'acme', kinds: ['exec'] }]
  server = await startMayfly({
    config: { oidc: [issuer, silent].map(({ url }) => ({ issuer: url, audience, allow })) },
  })
  await server.call('POST', '/tenants', { name: 'acme' })
})

afterAll(async () => {
  await server.remove()
  await Promise.all([issuer.stop(), silent.stop()])
})

const as = (token: string) => new Mayfly({ url: server.url, token })

describe('a job with an identity token', () => {
  it('does by REST what its rule lets it, and the audit log says who it was', async () => {
    const client = as(await issuer.sign())
    await client.secrets.put('deploy', new TextEncoder().encode('correct-horse'))
    const { items } = await server.get<{ items: { actor: string; action: string }[] }>('/audit?limit=5')
    expect(items.find(({ action }) => action === 'secret.put')?.actor).toMatch(
      `${issuer.url} repo:acme/shop:ref:refs/heads/main `,
    )
    await expect(
      client.submit({ kind: 'lint', input: { git: { url: 'https://git.invalid/a.git', ref: 'main' } } }),
    ).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(client.tenants.get('acme')).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const acting = new Mayfly({ url: server.url, token: await issuer.sign(), tenant: 'default' })
    await expect(acting.page()).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it.each(['token', 'ticket'] as const)('follows a task over a stream, opened with a %s', async (streamsWith) => {
    const client = new Mayfly({ url: server.url, token: await issuer.sign(), streamsWith })
    expect(await client.run({ kind: 'exec', input: { command: ['true'] } })).toEqual({ exitCode: 0 })
  })

  it('has its streams until it expires, and without a word others with the next', async () => {
    const exp = Math.floor(Date.now() / 1000) - 27
    const headers = { authorization: `Bearer ${await issuer.sign({ exp })}` }
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/stream`, 'mayfly.v1', { headers })
    const closed = once(socket, 'close')
    const tokens = [await issuer.sign({ exp })]
    const client = new Mayfly({ url: server.url, token: async () => tokens.at(-1) ?? '' })
    const { id } = await client.submit({ kind: 'exec', input: { command: ['sleep', '600'] } })
    const lost: string[] = []
    const events: string[] = []
    for await (const { type } of client.watch(id, { onLost: (reason) => lost.push(reason) })) {
      events.push(type)
      if (type !== 'task.started') continue
      tokens.push(await issuer.sign())
      const [code] = await closed
      expect(code).toBe(4401)
      await client.cancel(id)
    }
    expect(lost).toEqual([])
    expect(events.at(-1)).toBe('task.cancelled')
  })

  it('is refused with what is wrong, by REST and by stream', async () => {
    const client = as(await issuer.sign({ aud: 'https://other.example.com' }))
    await expect(client.page()).rejects.toMatchObject({
      status: 401,
      message: expect.stringContaining('is for others'),
    })
    await expect(client.watch('01890a5d-ac96-774b-bcce-b302099a8057').next()).rejects.toMatchObject({ status: 401 })
    const stranger = as(await issuer.sign({ repository: 'evil/shop' }))
    await expect(stranger.page()).rejects.toMatchObject({ status: 403 })
  })

  it('keeps nobody else waiting while its issuer says nothing', async () => {
    silent.setSilent(true)
    const given = new AbortController()
    const waiting = as(await silent.sign()).page({}, { signal: given.signal })
    const ended = waiting.then(
      () => 'answered',
      () => 'refused',
    )
    await silent.isAsked()
    expect(await Promise.race([ended, server.get('/tasks').then(() => 'others')])).toBe('others')
    given.abort()
    expect(await ended).toBe('refused')
  })
})

describe('the command line', () => {
  const args = ['run', 'exec', '--ci', 'none', '--', 'echo', 'hello']

  it('asks GitHub for a token where its job may have one, and takes that of a GitLab job', async () => {
    const github = {
      MAYFLY_URL: server.url,
      MAYFLY_AUDIENCE: audience,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer.url}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'ask-me',
    }
    expect(await mayfly(args, { env: github })).toMatchObject({ code: 0, stdout: 'hello\n' })
    const gitlab = { MAYFLY_URL: server.url, MAYFLY_ID_TOKEN: await issuer.sign() }
    expect(await mayfly(args, { env: gitlab })).toMatchObject({ code: 0, stdout: 'hello\n' })
    const { MAYFLY_AUDIENCE: _, ...unaware } = github
    expect(await mayfly(args, { env: unaware })).toMatchObject({ code: 3, stderr: expect.stringContaining(audience) })
    const without = { ...github, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'wrong' }
    expect(await mayfly(args, { env: without })).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('id-token: write'),
    })
  })
})
