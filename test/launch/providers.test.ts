import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultSecrets } from '../../src/config/secrets.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex')

describe('secrets from elsewhere', () => {
  let mayfly: TestMayfly
  const place = mkdtempSync(join(tmpdir(), 'mayfly-secrets-'))
  const run = join(place, 'run')
  const write = (name: string, text: string, mode = 0o400) => {
    writeFileSync(join(run, name), text)
    chmodSync(join(run, name), mode)
  }

  beforeAll(async () => {
    mkdirSync(run)
    write('token', 'correct horse\n')
    mayfly = await startMayfly({
      config: {
        kinds: [children('secrets')],
        credentials: run,
        secrets: {
          ...defaultSecrets,
          allow: { '*': ['vault:*'], default: ['file:run/*', 'file:credentials/*', 'command:*'] },
          files: { run: { path: run }, other: { path: run } },
          commands: {
            pass: { command: ['printf', 'battery staple'] },
            slow: { command: ['sh', '-c', 'sleep 4; printf "at long last"'] },
            locked: { command: ['sh', '-c', `cat ${join(run, 'unlocked')}`] },
          },
        },
      },
    })
  })
  afterAll(async () => {
    await mayfly.remove()
    rmSync(place, { recursive: true, force: true })
  })

  it('reach the task, and are in the audit log by name', async () => {
    const secrets = { a: 'file:run/token', b: 'command:pass', c: 'file:credentials/token' }
    const task = await mayfly.run({ kind: 'digest', secrets })
    expect(task).toMatchObject({
      state: 'succeeded',
      result: { a: digestOf('correct horse'), b: digestOf('battery staple'), c: digestOf('correct horse') },
    })
    const { entries } = await mayfly.audit.page({ limit: 3 })
    expect(entries.map(({ action }) => action)).toEqual(Array(3).fill('secret.used'))
    expect(entries.map(({ subject }) => subject).sort()).toEqual(Object.values(secrets).sort())
  })

  it.each([
    ['file:other/token', 403, 'the tenant default may not use file:other/token'],
    ['file:else/token', 400, 'secrets.a names the directory else, which is not among secrets.files'],
    ['command:id', 400, 'secrets.a names the command id, which is not among secrets.commands'],
    ['keychain:a/b', 403, 'the tenant default may not use keychain:a/b'],
  ])('are refused where they may not be used: %s', async (reference, status, says) => {
    const answer = await mayfly.call('POST', '/tasks', { kind: 'digest', input: {}, secrets: { a: reference } })
    expect(answer.status).toBe(status)
    expect(((await answer.json()) as { detail: string }).detail).toContain(says)
  })

  it('that take their time take none of their task’s', async () => {
    const limits = { runSeconds: 3, silenceSeconds: 3 }
    const task = await mayfly.run({ kind: 'digest', secrets: { a: 'command:slow' }, limits })
    expect(task).toMatchObject({ state: 'succeeded', attempt: 1, result: { a: digestOf('at long last') } })
  })

  it('that never will be there end the task at once', async () => {
    write('open', 'for everybody', 0o444)
    const retry = { maxAttempts: 5, backoffSeconds: 60 }
    const task = await mayfly.run({ kind: 'digest', secrets: { a: 'file:run/open' }, retry })
    const message =
      'the secret file:run/open is not lent: everybody may read it: chmod o-r, or set shared for its directory'
    expect(task).toMatchObject({ state: 'failed', attempt: 1, error: { code: 'SECRET_UNAVAILABLE', message } })
  })

  it('that come later are waited for by the retry policy', async () => {
    const retry = { maxAttempts: 5, backoffSeconds: 0.5 }
    const { id } = await mayfly.submit({ kind: 'digest', secrets: { a: 'command:locked' }, retry })
    const { data } = await mayfly.untilType(id, 'task.retrying')
    expect(data).toMatchObject({ error: { message: expect.stringContaining('failed with exit code 1') } })
    write('unlocked', 'at last')
    expect(await mayfly.settled(id)).toMatchObject({ state: 'succeeded', result: { a: digestOf('at last') } })
  })
})
