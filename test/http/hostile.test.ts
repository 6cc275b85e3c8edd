import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { newTaskId } from '../../src/system/ids.ts'
import { Refusal } from '../../src/task/errors.ts'
import { type Edge, startEdge, tokens } from './fixtures/edge.ts'
import { sendRaw } from './fixtures/raw.ts'

let edge: Edge
let submitted = 0
let fault: Error | undefined
beforeAll(async () => {
  edge = await startEdge({
    limits: { headersMs: 500, requestMs: 1000 },
    async submit() {
      submitted++
      throw fault ?? new Error('nothing hostile may get here')
    },
  })
})
afterAll(() => edge.stop())
afterEach(async () => {
  expect((await fetch(`${edge.url}/healthz`)).status).toBe(200)
})

const good = '{"kind":"lint","input":1}'
const deep = (levels: number) => `{"kind":"lint","input":${'['.repeat(levels)}${']'.repeat(levels)}}`

async function post(body: string | Buffer, headers: Record<string, string> = {}) {
  const response = await edge.call('/v1/tasks', { method: 'POST', body: body as string, headers })
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  return (await response.json()) as { status: number; code: string; detail: string }
}

describe('a hostile body', () => {
  it.each([
    ['malformed', '{"kind":', 'not JSON'],
    ['empty', '', 'the body must be an object'],
    ['trailed by garbage', `${good}}`, 'not JSON'],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'not UTF-8'],
    ['with __proto__', '{"kind":"lint","input":{"__proto__":{"x":1}}}', '__proto__ is not allowed'],
    ['with an escaped __proto__', '{"kind":"lint","input":{"__pr\\u006fto__":{"x":1}}}', '__proto__ is not allowed'],
    ['with constructor.prototype', '{"kind":"lint","input":{"constructor":{"prototype":{}}}}', 'constructor is not'],
    ['65 levels deep', deep(64), 'nested too deeply'],
    ['10,000 levels deep', deep(10_000), 'nested too deeply'],
    ['with a number beyond all numbers', '{"kind":"lint","input":1e400}', 'a number is too large'],
    ['with half a surrogate pair', '{"kind":"lint","input":"\\ud800"}', 'well-formed'],
    ['with half a surrogate pair in a name', '{"kind":"lint","input":{"\\udc00":1}}', 'well-formed'],
    ['with a kind like a path', '{"kind":"../x","input":1}', 'kind must be'],
    ['that is a list', '[]', 'the body must be an object'],
  ])('%s is refused', async (_what, body, detail) => {
    expect(await post(body)).toMatchObject({
      status: 400,
      code: 'BAD_REQUEST',
      detail: expect.stringContaining(detail),
    })
    expect(Object.prototype).not.toHaveProperty('x')
    expect(submitted).toBe(0)
  })

  it('of 63 levels gets through', async () => {
    expect((await post(deep(63))).status).toBe(500)
    expect(submitted).toBe(1)
    submitted = 0
  })

  it.each([
    'text/plain',
    'application/xml',
    'application/json-patch+json',
    'application/\tjson',
    'multipart/form-data',
  ])('of type %s is refused', async (type) => {
    expect(await post(good, { 'content-type': type })).toMatchObject({ status: 415 })
  })

  it('beyond 1 MiB is refused, whether it says its length or not', async () => {
    const large = `{"kind":"lint","input":"${'x'.repeat(1024 * 1024)}"}`
    expect(await post(large)).toMatchObject({ status: 413, code: 'TOO_LARGE' })
    const head = `POST /v1/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens.acme}\r\nContent-Type: application/json\r\n`
    expect(await sendRaw(edge.url, `${head}Content-Length: 52428800\r\n\r\n`, Buffer.alloc(100_000, 0x20))).toMatch(
      /^HTTP\/1.1 413 [\s\S]*"TOO_LARGE"/,
    )
    const chunk = `100000\r\n${' '.repeat(0x100000)}\r\n`
    const answer = await sendRaw(edge.url, `${head}Transfer-Encoding: chunked\r\n\r\n`, ...Array(50).fill(chunk))
    expect(answer).toMatch(/^HTTP\/1.1 413 |^$/)
  })

  it('that never comes, or a head that never ends, is waited for only so long', async () => {
    const head = `POST /v1/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens.acme}\r\n`
    const json = 'Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{'
    const answers = await Promise.all([sendRaw(edge.url, head), sendRaw(edge.url, head, json)])
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1.1 40[08] |^$/)
  })

  it('that is not even HTTP is answered and cut off', async () => {
    expect(await sendRaw(edge.url, 'hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [\s\S]*"BAD_REQUEST"/)
  })
})

it.each([
  ['empty', ''],
  ['too long', 'k'.repeat(256)],
  ['of two words', 'a b'],
  ['not ASCII', 'kä'],
])('refuses an idempotency key that is %s', async (_what, key) => {
  const detail = 'idempotency-key must be 1 to 255 printable ASCII characters without spaces'
  expect(await post(good, { 'idempotency-key': key })).toMatchObject({ status: 400, code: 'BAD_REQUEST', detail })
  expect(submitted).toBe(0)
})

it('refuses two idempotency keys at once', async () => {
  const head = `POST /v1/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens.acme}\r\nContent-Type: application/json\r\n`
  const keys = 'Idempotency-Key: a\r\nIdempotency-Key: b\r\n'
  const answer = await sendRaw(edge.url, `${head}${keys}Content-Length: ${good.length}\r\n\r\n${good}`)
  expect(answer).toMatch(/^HTTP\/1.1 400 [\s\S]*idempotency-key must be/)
  expect(submitted).toBe(0)
})

describe('an odd id', () => {
  const odd = ['..%2f', '..%2f..%2fetc%2fpasswd', '__proto__', 'constructor', '%00', '%ff', 'ä', '%F0%9F%98%80', '0']
  const suffixes = ['', '/events', '/log']
  it.each([...odd, 'x'.repeat(10_000), newTaskId().toUpperCase(), newTaskId()])('%s is unknown', async (id) => {
    for (const suffix of suffixes) {
      const response = await edge.call(`/v1/tasks/${id}${suffix}`)
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ status: 404, code: 'NOT_FOUND' })
    }
    expect((await edge.call(`/v1/tasks/${id}/cancel`, { method: 'POST' })).status).toBe(404)
  })
})

describe('a stranger', () => {
  it.each(['/v1/tasks', `/v1/tasks/${newTaskId()}`, `/v1/tasks/${newTaskId()}/log`, '/v1/stream'])(
    'gets nothing of %s',
    async (path) => {
      const responses = [await fetch(`${edge.url}${path}`), await edge.call(path, { token: 'wrong' })]
      for (const response of responses) {
        expect(response.status).toBe(401)
        expect(response.headers.get('www-authenticate')).toBe('Bearer')
      }
    },
  )

  it('is told that an address or method is unknown, as a problem', async () => {
    for (const response of [await fetch(`${edge.url}/nothing`), await edge.call('/v1/tasks', { method: 'DELETE' })]) {
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ code: 'NOT_FOUND' })
    }
  })
})

describe('an error', () => {
  it.each([
    [new Refusal('TOO_MANY', 'wait a little'), 429, '1'],
    [new Refusal('STORE_FULL', 'free some space'), 507, null],
    [new Refusal('STOPPING', 'try again'), 503, '5'],
    [new Refusal('UNKNOWN_KIND', 'there is no such kind'), 422, null],
    [new Refusal('INVALID_INPUT', 'input.a is missing'), 422, null],
  ])('that is a refusal is told: %s', async (refusal, status, retryAfter) => {
    fault = refusal
    const response = await edge.call('/v1/tasks', { method: 'POST', body: good })
    expect([response.status, response.headers.get('retry-after')]).toEqual([status, retryAfter])
    expect(await response.json()).toMatchObject({ status, code: refusal.code, detail: refusal.message })
  })

  it('that nobody meant is logged with its cause, and told without any detail', async () => {
    fault = new Error('the password is swordfish')
    const problem = await post(good)
    expect(problem).toMatchObject({ status: 500, code: 'INTERNAL' })
    expect(JSON.stringify(problem)).not.toContain('swordfish')
    expect(edge.lines.join()).toContain('swordfish')
  })
})
