import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Mayfly } from '../../src/client/client.ts'
import { seal } from '../../src/client/seal.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const later = () => new Date(Date.now() + 3_600_000).toISOString()

describe('a secret that comes with a submission', () => {
  let mayfly: TestMayfly
  let client: Mayfly
  const start = async (data?: string) => {
    mayfly = await startMayfly({ config: { kinds: [children('secrets')] }, ...(data !== undefined && { data }) })
    client = new Mayfly({ url: mayfly.url, token: mayfly.token })
  }
  beforeAll(() => start())
  afterAll(() => mayfly.remove())

  /** What the journal has of it: the bytes of its encrypted value. */
  const kept = (id: string): Uint8Array[] => {
    const db = new DatabaseSync(join(mayfly.data, 'journal.db'), { readOnly: true, timeout: 5_000 })
    const sql = 'SELECT sealed FROM one_time_secret WHERE task = (SELECT number FROM task WHERE id = ?)'
    const rows = db.prepare(sql).all(id)
    db.close()
    return rows.map(({ sealed }) => sealed as Uint8Array)
  }
  /** How many pieces of these bytes are in the database or its log: large ones lie there in several. */
  const traces = (bytes: Uint8Array): number => {
    const pieces = [0, bytes.length - 32].map((at) => Buffer.from(bytes.subarray(at, at + 32)))
    const files = ['journal.db', 'journal.db-wal'].map((name) => join(mayfly.data, name)).filter(existsSync)
    return files.flatMap((file) => pieces.filter((piece) => readFileSync(file).includes(piece))).length
  }
  const goneFor = async (id: string, [sealed]: Uint8Array[]) => {
    expect(kept(id)).toEqual([])
    await expect.poll(() => traces(sealed ?? new Uint8Array(32))).toBe(0)
  }
  const waiting = async (value: Uint8Array, more: object = {}) => {
    const request = { kind: 'digest', input: {}, notBefore: later(), ...more }
    const { id } = await client.submit(request, { oneTime: { token: value } })
    const [sealed] = kept(id)
    expect(traces(sealed as Uint8Array)).toBeGreaterThan(0)
    return { id, sealed: [sealed as Uint8Array] }
  }

  it('reaches its task byte for byte, beside others, and leaves nothing in the journal', async () => {
    const [small, large] = [randomBytes(40), randomBytes(64 * 1024)]
    await client.secrets.put('stored', Buffer.from('correct horse'))
    const result = await client.run(
      { kind: 'digest', input: {}, secrets: { stored: 'stored' } },
      { oneTime: { small, large } },
    )
    expect(result).toEqual({
      stored: digestOf(Buffer.from('correct horse')),
      small: digestOf(small),
      large: digestOf(large),
    })
    const { entries } = await mayfly.audit.page({ limit: 3 })
    expect(entries.map(({ subject }) => subject).sort()).toEqual(['once:large', 'once:small', 'stored'])
  })

  it('is gone from the database and its log when its task is cancelled, small or large', async () => {
    const held = [await waiting(randomBytes(40)), await waiting(randomBytes(64 * 1024))]
    for (const { id } of held) await client.cancel(id)
    for (const { id, sealed } of held) await goneFor(id, sealed)
  })

  it('is gone when its task expires', async () => {
    const { id, sealed } = await waiting(randomBytes(40), { ttlSeconds: 0.2 })
    expect((await mayfly.settled(id)).error?.code).toBe('EXPIRED')
    await goneFor(id, sealed)
  })

  it('is there for each attempt, and gone after the last', async () => {
    const request = {
      kind: 'exec',
      input: { command: ['sh', '-c', 'test "$TOKEN" = correct-horse && exit 7'], secretEnv: { TOKEN: 'token' } },
      retry: { maxAttempts: 3, backoffSeconds: 0.05 },
    }
    const { id } = await client.submit(request, { oneTime: { token: Buffer.from('correct-horse') } })
    const sealed = kept(id)
    expect(await mayfly.settled(id)).toMatchObject({ state: 'failed', attempt: 3, error: { exitCode: 7 } })
    await goneFor(id, sealed)
  })

  it('survives a start, encrypted, and is given to no other task', async () => {
    const value = randomBytes(40)
    const request = { kind: 'digest', input: {}, notBefore: new Date(Date.now() + 1_500).toISOString() }
    const { id } = await client.submit(request, { oneTime: { token: value } })
    const other = await waiting(randomBytes(40))
    await mayfly.stop()
    const moved = new DatabaseSync(join(mayfly.data, 'journal.db'))
    const number = 'SELECT number FROM task WHERE id = ?'
    moved.exec('PRAGMA wal_checkpoint')
    moved
      .prepare(
        `UPDATE one_time_secret SET sealed = (SELECT sealed FROM one_time_secret WHERE task = (${number})) WHERE task = (${number})`,
      )
      .run(id, other.id)
    moved.prepare('UPDATE task SET not_before = NULL WHERE id = ?').run(other.id)
    moved.close()
    await start(mayfly.data)
    expect(await mayfly.settled(id)).toMatchObject({ state: 'succeeded', result: { token: digestOf(value) } })
    const message = 'the secret token that came with this task cannot be opened any more: submit it anew'
    expect(await mayfly.settled(other.id)).toMatchObject({
      state: 'failed',
      error: { code: 'SECRET_UNAVAILABLE', message },
    })
    expect([...kept(id), ...kept(other.id)]).toEqual([])
  })

  it('is not compared when a submission is repeated', async () => {
    const request = { kind: 'digest', input: {} }
    const options = { idempotencyKey: 'same', oneTime: { token: Buffer.from('correct horse') } }
    const tasks = [await client.submit(request, options), await client.submit(request, options)]
    expect(tasks[0]?.id).toBe(tasks[1]?.id)
    const otherwise = client.submit(request, { ...options, oneTime: { other: Buffer.from('correct horse') } })
    await expect(otherwise).rejects.toMatchObject({ code: 'CONFLICT' })
    await mayfly.settled(tasks[0]?.id ?? '')
  })

  it('is not there for a task that does the same again', async () => {
    const { id } = await client.submit(
      { kind: 'digest', input: {} },
      { oneTime: { token: Buffer.from('correct horse') } },
    )
    await mayfly.settled(id)
    await expect(client.retry(id)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(
        'the secrets token came with this task and were deleted at its end: submit it anew',
      ),
    })
  })

  const refusedBy = async (secrets: object, path = '/tasks', wrap = (task: object): object => task) => {
    const answer = await mayfly.call('POST', path, wrap({ kind: 'digest', input: {}, secrets }))
    return { status: answer.status, detail: ((await answer.json()) as { detail: string }).detail }
  }

  it('is refused where it was sealed for another name, is too short, or is asked for by reference', async () => {
    const { publicKey } = await mayfly.get<{ publicKey: string }>('/secrets/public-key')
    const sealed = (name: string, text: string) => seal(publicKey, name, Buffer.from(text))
    expect(await refusedBy({ token: { sealed: await sealed('other', 'correct horse') } })).toMatchObject({
      status: 400,
      detail: expect.stringContaining('sealed cannot be opened'),
    })
    expect(await refusedBy({ token: { sealed: await sealed('token', 'x') } })).toMatchObject({
      status: 400,
      detail: expect.stringContaining('a secret needs at least 6 bytes'),
    })
    expect(await refusedBy({ token: 'once:token' })).toMatchObject({ status: 400 })
    const schedule = (task: object) => ({ name: 'nightly', everySeconds: 600, task })
    expect(
      await refusedBy({ token: { sealed: await sealed('token', 'correct horse') } }, '/schedules', schedule),
    ).toMatchObject({
      status: 400,
      detail: expect.stringContaining('a schedule submits again and again: store it, and refer to it as vault:NAME'),
    })
  })
})
