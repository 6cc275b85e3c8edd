import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seal } from '../../src/client/seal.ts'
import { type Edge, startEdge, tokenIds, tokens } from './fixtures/edge.ts'

let edge: Edge
beforeAll(async () => {
  edge = await startEdge()
})
afterAll(() => edge.stop())

interface Listed {
  readonly items: readonly { readonly name: string; readonly version: number }[]
  readonly nextCursor: string | null
}

const put = (name: string, body: unknown, token = tokens.acme) =>
  edge.call(`/v1/secrets/${name}`, { method: 'PUT', body: JSON.stringify(body), token })
const remove = (name: string, token = tokens.acme) => edge.call(`/v1/secrets/${name}`, { method: 'DELETE', token })
const list = async (query = '', token = tokens.acme) =>
  (await (await edge.call(`/v1/secrets${query}`, { token })).json()) as Listed
const storedValue = async (tenant: string, name: string) => (await edge.vault.get(tenant, name))?.toString()

describe('a secret', () => {
  it('goes in as text, as base64 or sealed, and gets a new version each time', async () => {
    const { publicKey } = (await (await edge.call('/v1/secrets/public-key')).json()) as { publicKey: string }
    const bodies = [
      { value: 'as plain text' },
      { value: Buffer.from('as base64').toString('base64'), encoding: 'base64' },
      { sealed: await seal(publicKey, 'ways', Buffer.from('as sealed bytes')) },
    ]
    const values = ['as plain text', 'as base64', 'as sealed bytes']
    for (const [at, body] of bodies.entries()) {
      const response = await put('ways', body)
      expect([response.status, await response.json()]).toEqual([200, { name: 'ways', version: at + 1 }])
      expect(await storedValue('acme', 'ways')).toBe(values[at])
    }
  })

  it('is listed without its value, page by page, and is gone when it is deleted', async () => {
    for (const name of ['list-b', 'list-a', 'list-c']) await put(name, { value: 'nobody sees this' }, tokens.other)
    const first = await list('?limit=2', tokens.other)
    expect(first).toMatchObject({ items: [{ name: 'list-a', version: 1 }, { name: 'list-b' }], nextCursor: 'list-b' })
    expect(Object.keys(first.items[0] ?? {}).sort()).toEqual(['createdAt', 'name', 'updatedAt', 'version'])
    expect(await list('?limit=2&cursor=list-b', tokens.other)).toMatchObject({
      items: [{ name: 'list-c' }],
      nextCursor: null,
    })
    expect((await remove('list-b', tokens.other)).status).toBe(204)
    expect((await remove('list-b', tokens.other)).status).toBe(404)
    expect((await list('', tokens.other)).items.map(({ name }) => name)).toEqual(['list-a', 'list-c'])
    expect(JSON.stringify(first)).not.toContain('nobody')
  })

  it('of another tenant is as unknown as one that never was, and an admin acts for whom it says', async () => {
    await put('mine', { value: 'the value of acme' })
    expect((await list('', tokens.other)).items.map(({ name }) => name)).not.toContain('mine')
    const [foreign, unknown] = await Promise.all([remove('mine', tokens.other), remove('never-was', tokens.other)])
    expect([foreign.status, unknown.status]).toEqual([404, 404])
    expect((await foreign.text()).replace('mine', '')).toBe((await unknown.text()).replace('never-was', ''))
    await put('mine', { value: 'the value of other' }, tokens.other)
    expect([await storedValue('acme', 'mine'), await storedValue('other', 'mine')]).toEqual([
      'the value of acme',
      'the value of other',
    ])
    const headers = { 'mayfly-tenant': 'acme' }
    expect((await edge.call('/v1/secrets/mine', { method: 'DELETE', token: tokens.admin, headers })).status).toBe(204)
    expect(await storedValue('acme', 'mine')).toBeUndefined()
  })

  it('may have a name of several parts', async () => {
    expect((await put('github%2Fbot', { value: 'a value to keep' })).status).toBe(200)
    expect((await list()).items.map(({ name }) => name)).toContain('github/bot')
    expect((await edge.call('/v1/secrets/github%2Fbot', { method: 'DELETE' })).status).toBe(204)
  })

  it('has no address at which it could be read', async () => {
    await put('closed', { value: 'a value to keep' })
    expect((await edge.call('/v1/secrets/closed')).status).toBe(404)
  })

  const canary = 'c4n4ry-9f8e7d6c5b4a'
  it.each([
    ['of one byte', 'short', { value: 'x' }, 400, 'at least 6 bytes'],
    ['that is one letter again and again', 'plain', { value: 'aaaaaaaaaaaa' }, 400, 'three different characters'],
    ['of more than 64 KiB', 'large', { value: canary.repeat(4000) }, 413, 'at most 65536 bytes'],
    ['that is not base64', 'odd', { value: canary, encoding: 'base64' }, 400, 'value is not base64'],
    ['that is a number', 'odd', { value: 1234567890 }, 400, 'value must be a string'],
    ['in an unknown encoding', 'odd', { value: canary, encoding: 'hex' }, 400, 'encoding must be'],
    ['both plain and sealed', 'odd', { value: canary, sealed: 'AAAA' }, 400, 'not both'],
    ['that is neither', 'odd', {}, 400, 'as value, or sealed'],
    ['that is no object', 'odd', canary, 400, 'the body must be an object'],
    ['with a member too many', 'odd', { value: canary, note: 'x' }, 400, 'note is not allowed'],
    ['sealed to nobody', 'odd', { sealed: 'A'.repeat(200) }, 400, 'sealed cannot be opened'],
    ['sealed in no base64url', 'odd', { sealed: '+/==' }, 400, 'sealed must be'],
    ['sealed with nothing in it', 'odd', { sealed: '' }, 400, 'sealed must'],
    ['whose name is none', '1st', { value: canary }, 400, 'name must be'],
    ['whose name is a path', '..%2F..%2Fmaster-key', { value: canary }, 400, 'name must be'],
    ['whose name is too long', 'x'.repeat(129), { value: canary }, 400, 'name must have at most 128 characters'],
  ])('%s is refused, and the answer does not tell it', async (_what, name, body, status, detail) => {
    const response = await put(name, body)
    const text = await response.text()
    expect([response.status, JSON.parse(text).detail]).toEqual([status, expect.stringContaining(detail)])
    expect(text).not.toContain(canary)
    expect((await list()).items.map((one) => one.name)).not.toContain(name)
  })

  it('sealed for another name is not taken', async () => {
    const sealed = await seal(edge.vault.publicKey, 'one', Buffer.from('a value to move'))
    expect((await put('another', { sealed })).status).toBe(400)
  })

  it('needs a token', async () => {
    for (const path of ['/v1/secrets', '/v1/secrets/public-key', '/v1/audit']) {
      expect((await edge.call(path, { token: 'x'.repeat(40) })).status).toBe(401)
    }
  })

  it('is neither in the log nor in any file', async () => {
    await put('stored', { value: canary })
    expect(await storedValue('acme', 'stored')).toBe(canary)
    expect(edge.lines.join('')).not.toContain(canary)
    for (const file of readdirSync(edge.directory, { recursive: true, withFileTypes: true })) {
      if (file.isFile()) expect(readFileSync(join(file.parentPath, file.name)).includes(canary), file.name).toBe(false)
    }
  })
})

describe('the audit log', () => {
  interface Audit {
    readonly items: readonly { readonly action: string; readonly subject: string; readonly tenant: string }[]
    readonly nextCursor: string | null
  }
  const audit = async (query: string) =>
    (await (await edge.call(`/v1/audit${query}`, { token: tokens.admin })).json()) as Audit

  it('names every change of a secret, newest first, of all tenants or of one', async () => {
    await put('audited', { value: 'a value to note' })
    await put('audited', { value: 'another value' }, tokens.other)
    await remove('audited')
    const subjects = [
      { action: 'secret.deleted', subject: 'audited', tenant: 'acme', actor: tokenIds.acme, detail: {} },
      { action: 'secret.put', subject: 'audited', tenant: 'other', actor: tokenIds.other, detail: { version: 1 } },
      { action: 'secret.put', subject: 'audited', tenant: 'acme', actor: tokenIds.acme, detail: { version: 1 } },
    ]
    expect((await audit('?limit=3')).items).toMatchObject(subjects)
    const { items } = await audit('?tenant=acme&limit=2')
    expect(items).toMatchObject([subjects[0], subjects[2]])
  })

  it('is read page by page', async () => {
    for (const name of ['page-a', 'page-b', 'page-c']) await put(name, { value: 'a value to note' })
    const first = await audit('?limit=2')
    const second = await audit(`?limit=1&cursor=${first.nextCursor}`)
    expect([...first.items, ...second.items].map(({ subject }) => subject)).toEqual(['page-c', 'page-b', 'page-a'])
  })

  it('is for admins', async () => {
    for (const query of ['', '?tenant=acme']) {
      const response = await edge.call(`/v1/audit${query}`)
      expect(response.status).toBe(403)
      expect(await response.json()).toMatchObject({ code: 'FORBIDDEN', detail: expect.stringContaining('admin token') })
    }
    expect((await edge.call('/v1/audit?tenant=..', { token: tokens.admin })).status).toBe(400)
  })
})
