/** Telling an address on the web: signed, again where that may help, and never where nobody outside could reach. */
import { afterAll, beforeAll, expect, describe as group, it } from 'vitest'
import { takeOver } from '../../src/system/zeroable.ts'
import { webhooksName } from '../../workers/webhook/address.ts'
import { signatureOf } from '../../workers/webhook/signature.ts'
import { startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { type Receiver, startReceiver } from '../fixtures/receiver.ts'

const config = { isolation: { atMost: 1 }, environment: { [webhooksName]: 'anywhere' } } as const
const key = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
let mayfly: TestMayfly
let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
  mayfly = await startMayfly({ config })
  const store = (name: string, value: string) =>
    mayfly.vault.put('default', name, takeOver(Buffer.from(value)), Date.now())
  await store('webhook/team/url', receiver.url)
  await store('webhook/team/key', key)
  await store('webhook/plain/url', `${receiver.url}?plain`)
  await store('webhook/inner/url', 'https://localhost:9/hook')
})
afterAll(async () => {
  await mayfly.remove()
  await receiver.close()
})

const tell = (webhook: string) => ({
  kind: 'webhook.send',
  input: { webhook, event: 'org.health', data: { org: 'prod', status: 'revoked' } },
  retry: { maxAttempts: 5, backoffSeconds: 0.05, maxBackoffSeconds: 0.05 },
})

group('webhook.send', () => {
  it('posts what has happened, signed where there is a key', async () => {
    const before = receiver.received.length
    const task = await mayfly.run(tell('team'))
    expect(task).toMatchObject({ state: 'succeeded', result: { status: 200, signed: true } })
    const { method, headers, body } = receiver.received[before] ?? {}
    expect([method, headers?.['content-type'], headers?.['webhook-id']]).toEqual(['POST', 'application/json', task.id])
    const atSeconds = Number(headers?.['webhook-timestamp'])
    expect(Math.abs(Date.now() / 1_000 - atSeconds)).toBeLessThan(60)
    expect(headers?.['webhook-signature']).toBe(signatureOf({ id: task.id, atSeconds, body: body ?? '' }, key))
    expect(JSON.parse(body ?? '')).toEqual({
      type: 'org.health',
      timestamp: new Date(atSeconds * 1_000).toISOString(),
      tenant: 'default',
      data: { org: 'prod', status: 'revoked' },
    })
    expect((await mayfly.run(tell('plain'))).result).toEqual({ status: 200, signed: false })
  })

  it('does it again while it may help, with the same id, and not otherwise', async () => {
    const before = receiver.received.length
    receiver.answers.push(503, 0, 101, 429)
    const again = await mayfly.run(tell('team'))
    expect(again).toMatchObject({ state: 'succeeded', attempt: 5 })
    const another = { error: { message: expect.stringContaining('closed without an answer') } }
    expect(mayfly.attempts(again.id)[2]).toMatchObject(another)
    const ids = receiver.received.slice(before).map(({ headers }) => headers['webhook-id'])
    expect(ids).toEqual(Array.from({ length: 5 }, () => again.id))
    for (const [status, why] of [
      [404, 'answered 404: look at its address'],
      [302, 'answered 302: it sends on to another address'],
    ] as const) {
      receiver.answers.push(status)
      const task = await mayfly.run(tell('team'))
      expect([task.attempt, task.error?.code]).toEqual([1, 'WEBHOOK_FAILED'])
      expect(task.error?.message).toContain(why)
    }
  })

  it('goes nowhere where nothing is stored', async () => {
    const nobody = await mayfly.run(tell('nobody'))
    expect([nobody.attempt, nobody.error?.code]).toEqual([1, 'INVALID_INPUT'])
    expect(nobody.error?.message).toContain('mayfly secrets set webhook/nobody/url')
  })

  it('goes into no private network, by whatever name, unless the operator has said otherwise', async () => {
    await mayfly.stop()
    mayfly = await startMayfly({ data: mayfly.data, config: { isolation: { atMost: 1 } } })
    const before = receiver.received.length
    for (const [webhook, why] of [
      ['team', 'is http'],
      ['inner', 'leads into a private network'],
    ] as const) {
      const task = await mayfly.run(tell(webhook))
      expect([task.attempt, task.error?.code]).toEqual([1, 'INVALID_INPUT'])
      expect(task.error?.message).toContain(why)
    }
    expect(receiver.received.length).toBe(before)
  })
})
