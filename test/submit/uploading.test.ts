import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Ask, children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { mountSmallDisk } from '../fixtures/small-disk.ts'

const MiB = 1024 * 1024

interface Uploaded {
  readonly id: string
  readonly bytes: number
  readonly sha256: string
}

function send(mayfly: TestMayfly, body: Body, headers: Record<string, string> = {}): Promise<Response> {
  const authorization = `Bearer ${mayfly.token}`
  const init = { method: 'POST', body, headers: { authorization, ...headers }, duplex: 'half' } as RequestInit
  return fetch(`${mayfly.url}/v1/uploads`, init)
}

async function upload(mayfly: TestMayfly, body: Body): Promise<Uploaded> {
  const response = await send(mayfly, body)
  expect(response.status).toBe(201)
  return (await response.json()) as Uploaded
}

function filesOf(data: string, tenant = 'default'): string[] {
  const directory = join(data, 'uploads', tenant)
  return existsSync(directory) ? readdirSync(directory) : []
}

type Body = string | Blob | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>

const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** A body that comes a MiB at a time, for as long as it is read. */
function endless(pauseMs = 0): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      await setTimeout(pauseMs)
      controller.enqueue(new Uint8Array(MiB))
    },
  })
}

describe('uploads', () => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    const config = { kinds: [children('files')], maxUploadMiB: 8, maxTenantUploadMiB: 24, maxTenantUploads: 40 }
    mayfly = await startMayfly({ config })
  })
  afterAll(() => mayfly.remove())

  const run = (input: object) => mayfly.run({ kind: 'reads', input } as Ask)

  it.each([
    'application/octet-stream',
    'application/json',
    'text/csv',
    'application/x-tar',
    'odd/type; a=b',
    undefined,
  ])('are taken as they are, whatever they are said to be: %s', async (type) => {
    const body = Buffer.from('{"not": json')
    const response = await send(
      mayfly,
      type === undefined ? new Blob([body]) : body,
      type ? { 'content-type': type } : {},
    )
    expect(response.status).toBe(201)
    const { id, ...rest } = (await response.json()) as Uploaded
    expect(rest).toEqual({ bytes: body.length, sha256: sha256Of(body) })
    expect(readFileSync(join(mayfly.data, 'uploads/default', id)).equals(body)).toBe(true)
  })

  it('may be empty', async () => {
    expect(await upload(mayfly, '')).toMatchObject({ bytes: 0, sha256: sha256Of(Buffer.alloc(0)) })
  })

  it('are handed to the task that refers to them, as copies that it may only read', async () => {
    const bytes = [randomBytes(2 * MiB), randomBytes(10)]
    const [file, other] = (await Promise.all(bytes.map((one) => upload(mayfly, one)))).map(({ id }) => id)
    const task = await run({ file, other })
    expect(task.state).toBe('succeeded')
    const found = task.result as unknown as { sha256: string; mode: number; path: string }[]
    expect(found.map(({ sha256, mode }) => ({ sha256, mode }))).toEqual(
      bytes.map((one) => ({ sha256: sha256Of(one), mode: 0o400 })),
    )
    for (const { path } of found) {
      expect(path).toContain('/workspaces/')
      expect(existsSync(path)).toBe(false)
    }
    expect(mayfly.leftovers(task.id)).toEqual({ processes: [], workspaces: [] })
  })

  it.each(['', '..', '../../journal.db', '/etc/passwd', '00000000-0000-7000-8000-000000000000', 'x'.repeat(5_000)])(
    'that are not there are refused at submission: %j',
    async (file) => {
      const response = await mayfly.call('POST', '/tasks', { kind: 'reads', input: { file } })
      expect(response.status).toBe(422)
      expect(await response.json()).toMatchObject({
        code: 'INVALID_INPUT',
        detail: expect.stringContaining('there is no upload'),
      })
    },
  )

  it('of another tenant are as unknown as those', async () => {
    expect((await mayfly.call('POST', '/tenants', { name: 'globex' })).status).toBe(201)
    const { id } = await upload(mayfly, 'mine')
    const headers = { authorization: `Bearer ${mayfly.token}`, 'mayfly-tenant': 'globex' }
    const response = await fetch(`${mayfly.url}/v1/tasks`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'reads', input: { file: id } }),
    })
    expect(response.status).toBe(422)
  })

  it('that the input does not refer to are out of reach', async () => {
    const { id } = await upload(mayfly, 'another')
    expect(await run({ asks: id })).toMatchObject({
      state: 'failed',
      error: { message: expect.stringContaining('does not refer to an upload') },
    })
  })

  it('above the limit are refused, announced or not, and nothing of them stays', async () => {
    const before = filesOf(mayfly.data)
    const announced = await send(mayfly, new Uint8Array(9 * MiB))
    expect(announced.status).toBe(413)
    expect(await announced.json()).toMatchObject({ code: 'TOO_LARGE', detail: expect.stringContaining('8 MiB') })
    const streamed = await send(mayfly, endless(20))
    expect(streamed.status).toBe(413)
    expect(filesOf(mayfly.data)).toEqual(before)
  })

  it('that break off leave nothing', async () => {
    const before = filesOf(mayfly.data)
    const { port } = new URL(mayfly.url)
    const headers = { authorization: `Bearer ${mayfly.token}`, 'content-length': String(4 * MiB) }
    const sending = request({ port, method: 'POST', path: '/v1/uploads', headers })
    sending.on('error', () => {})
    sending.write(Buffer.alloc(MiB))
    await expect.poll(() => filesOf(mayfly.data).length).toBe(before.length + 1)
    sending.destroy()
    await expect.poll(() => filesOf(mayfly.data)).toEqual(before)
  })

  it('may be refused while they are sent without their connection being lost to the answer', async () => {
    const { port } = new URL(mayfly.url)
    const headers = { authorization: `Bearer ${mayfly.token}`, 'content-length': String(9 * MiB) }
    const sending = request({ port, method: 'POST', path: '/v1/uploads', headers })
    sending.on('error', () => {})
    sending.write(Buffer.alloc(MiB))
    const [answer] = (await once(sending, 'response')) as [IncomingMessage]
    expect(answer.statusCode).toBe(413)
    const closed = once(sending, 'close')
    answer.resume()
    // Whoever goes on all the same is cut off soon.
    await closed
  })

  it('need a token', async () => {
    const response = await fetch(`${mayfly.url}/v1/uploads`, { method: 'POST', body: 'x' })
    expect(response.status).toBe(401)
  })

  it('of one tenant are bounded together, also when they come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => send(mayfly, new Uint8Array(7 * MiB))))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 201).length).toBeLessThanOrEqual(3)
    expect(statuses).toContain(429)
    const sizes = filesOf(mayfly.data).map((id) => readFileSync(join(mayfly.data, 'uploads/default', id)).length)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(24 * MiB)
  })
})

const disk = mountSmallDisk(96)
if (!disk) process.stdout.write('Skipped: a full disk needs the right to mount one (root).\n')

describe.skipIf(!disk)('an upload for which the disk is too small', () => {
  let mayfly: TestMayfly | undefined
  afterEach(() => mayfly?.stop())
  afterAll(() => disk?.unmount())

  it('is refused, leaves nothing, and harms nobody', async () => {
    mayfly = await startMayfly({ data: join(disk?.directory ?? '', 'data'), config: { kinds: [children('files')] } })
    const small = await upload(mayfly, 'small')
    const untilMs = Date.now() + 1_500
    const running = await mayfly.submit({ kind: 'reads', input: { file: small.id, untilMs } })
    const response = await send(mayfly, endless(), { 'content-type': 'application/x-tar' })
    expect(response.status).toBe(507)
    expect(await response.json()).toMatchObject({ code: 'STORE_FULL' })
    expect(filesOf(mayfly.data)).toEqual([small.id])
    expect(await mayfly.settled(running.id)).toMatchObject({ state: 'succeeded' })
  })

  it('is refused while there is still room for the journal and for what runs', async () => {
    mayfly = await startMayfly({ data: join(disk?.directory ?? '', 'data1') })
    disk?.fill(18 * 1024)
    onTestFinished(() => disk?.free())
    expect((await send(mayfly, new Uint8Array(1))).status).toBe(201)
    // More than the connection takes by itself: its client hears of it all the same.
    expect((await send(mayfly, new Uint8Array(40 * MiB))).status).toBe(507)
    expect((await mayfly.run({ kind: 'exec', input: { command: ['true'] } })).state).toBe('succeeded')
  })

  it('is refused also when others have filled it meanwhile', async () => {
    mayfly = await startMayfly({ data: join(disk?.directory ?? '', 'data2') })
    const sending = send(mayfly, endless(30))
    await expect.poll(() => filesOf(join(disk?.directory ?? '', 'data2')).length).toBe(1)
    disk?.fill()
    expect((await sending).status).toBe(507)
    expect(filesOf(mayfly.data)).toEqual([])
    disk?.free()
    await expect.poll(async () => (await send(mayfly as TestMayfly, 'x')).status, { timeout: 10_000 }).toBe(201)
  })
})
