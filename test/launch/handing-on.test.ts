import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { takeOver } from '../../src/system/zeroable.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

const setting = 'the operator may allow it with the setting allowSecretsInCommands'
const command = ['sh', '-c', 'printf %s "$TOKEN" | wc -c']
const request = {
  kind: 'exec',
  input: { command, secretEnv: { TOKEN: 'mine', AGAIN: 'mine' }, secretFiles: { 'a/key': 'other' } },
  secrets: { mine: 'vault:deploy', other: 'sign' },
}

function storeIn({ vault }: TestMayfly): Promise<unknown> {
  const store = (name: string, value: string) => vault.put('default', name, takeOver(Buffer.from(value)), Date.now())
  return Promise.all([store('deploy', 'correct-horse'), store('sign', 'battery-staple')])
}

const addTenant = (mayfly: TestMayfly, name: string) => mayfly.call('POST', '/tenants', { name })

describe('a secret that is handed on to a command', () => {
  let mayfly: TestMayfly
  beforeAll(async () => {
    mayfly = await startMayfly({ config: { kinds: [children('families')], isolation: { atMost: 1 } } })
    await storeIn(mayfly)
  })
  afterAll(() => mayfly.remove())

  const handedOn = async (task: string) => {
    const { entries } = await mayfly.audit.page({ limit: 1_000 })
    return entries.filter(({ action, actor }) => action === 'secret.handed-on' && actor === task)
  }

  it('is in the audit log by its name and where it goes, beside its use, while one tenant has it all', async () => {
    const task = await mayfly.run(request)
    expect(task.state).toBe('succeeded')
    expect(await mayfly.texts(task.id, 'stdout')).toEqual(['13'])
    const entries = await handedOn(task.id)
    const seen = entries.map(({ subject, detail }) => [subject, detail.to, detail.attempt, detail.kind])
    expect(seen.sort()).toEqual([
      ['deploy', 'secretEnv.AGAIN', 1, 'exec'],
      ['deploy', 'secretEnv.TOKEN', 1, 'exec'],
      ['sign', 'secretFiles.a/key', 1, 'exec'],
    ])
  })

  it('is refused once there are several tenants, at submission by every way and at launch', async () => {
    const { id: pause } = (await (await mayfly.call('POST', '/pauses', { kind: 'exec' })).json()) as { id: string }
    const waiting = await mayfly.submit(request)
    const done = await mayfly.submit({ kind: 'exec', input: { command } })
    expect((await addTenant(mayfly, 'acme')).status).toBe(201)

    const refused = await mayfly.call('POST', '/tasks', request)
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({ code: 'FORBIDDEN', detail: expect.stringContaining(setting) })
    const batch = await mayfly.call('POST', '/tasks/batch', { tasks: [request] })
    expect(await batch.json()).toMatchObject({ items: [{ status: 403, problem: { code: 'FORBIDDEN' } }] })
    const parent = await mayfly.run({ kind: 'asks', input: [['child', request]] })
    expect(parent.result).toMatchObject([{ code: 'FORBIDDEN', message: expect.stringContaining(setting) }])

    await mayfly.call('DELETE', `/pauses/${pause}`)
    expect(await mayfly.settled(done.id)).toMatchObject({ state: 'succeeded' })
    const error = { code: 'SECRET_UNAVAILABLE', message: expect.stringContaining(setting) }
    expect(await mayfly.settled(waiting.id)).toMatchObject({ state: 'failed', outcome: 'not_started', error })
    expect(await handedOn(waiting.id)).toEqual([])
    expect((await mayfly.call('POST', `/tasks/${waiting.id}/retry`, {})).status).toBe(403)
  })
})

it('a secret is handed on in spite of several tenants where the operator allows it', async () => {
  const mayfly = await startMayfly({ config: { allowSecretsInCommands: true } })
  try {
    await storeIn(mayfly)
    await addTenant(mayfly, 'acme')
    expect(await mayfly.run(request)).toMatchObject({ state: 'succeeded' })
  } finally {
    await mayfly.remove()
  }
})
