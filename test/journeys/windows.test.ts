import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import type { ContractEventPage } from '../../src/contract/event.ts'
import type { Explanation } from '../../src/contract/explanation.ts'
import type { ContractTask } from '../../src/contract/task.ts'
import { kindsNamed } from './support/kinds.ts'
import { bin, type Orchestrator, Site } from './support/orchestrator.ts'

const clock = fileURLToPath(new URL('../fixtures/half-past-twelve.ts', import.meta.url))
const window = { from: '00:00', to: '12:30', timeZone: 'UTC', atEnd: 'preempt' }
const settings = {
  kinds: kindsNamed('counting'),
  sharedSlots: 2,
  standby: 0,
  // The diary lies outside of its workspace.
  isolation: { atMost: 0 },
  askGraceSeconds: 1,
  logLevel: 'info',
}
const closing = { ...settings, pools: { batch: { share: 0, windows: [window] } } }

let orchestrator: Orchestrator | undefined
let directory: string | undefined

afterEach(() => {
  orchestrator?.kill()
  if (directory) rmSync(directory, { recursive: true, force: true })
})

it('what runs is ended when its window closes, waits for the next, and goes on from its checkpoint', {
  timeout: 120_000,
}, async () => {
  directory = mkdtempSync(join(tmpdir(), 'mayfly-windows-'))
  const diary = join(directory, 'diary')
  const site = await Site.create(closing)
  orchestrator = site.start(['--import', clock, bin])
  await orchestrator.listening
  const steps = 40
  const { id } = await site.json<ContractTask>('POST', '/v1/tasks', { kind: 'counting', input: { diary, steps } })
  const events = async () => (await site.json<ContractEventPage>('GET', `/v1/tasks/${id}/events?limit=1000`)).items
  const types = async () => (await events()).map(({ type }) => type)
  await expect.poll(types).toContain('task.checkpoint')
  orchestrator.child.kill('SIGUSR2')
  // Whatever comes has the clock looked at.
  await site.json('POST', '/v1/tasks', { kind: 'counting', pool: 'normal', input: { diary, steps: 0 } })
  await expect.poll(types).toContain('task.requeued')
  const all = await events()
  expect(all.find(({ type }) => type === 'task.preempting')).toMatchObject({
    data: { reason: 'the window in which it may run has closed' },
  })
  expect(all.find(({ type }) => type === 'task.preempting')?.at).toMatch(/T12:30:0/)
  const explain = () => site.json<Explanation>('GET', `/v1/tasks/${id}/explain`)
  const waits = await explain()
  expect(waits).toMatchObject({ state: 'queued', blockedBy: [{ rule: 'pool-share', limit: 0 }] })
  expect(waits.blockedBy[0]?.until).toMatch(/T00:00:00/)
  // Nothing of it lives in the meantime.
  const seen = readFileSync(diary, 'utf8')

  site.configure(settings)
  orchestrator.child.kill('SIGHUP')
  await expect.poll(types).toContain('task.succeeded')
  const { result, attempt } = await site.json<ContractTask>('GET', `/v1/tasks/${id}`)
  expect(attempt).toBe(2)
  expect((result as { begun: number }).begun).toBeGreaterThan(0)
  expect(seen.trim().split('\n').length).toBeLessThanOrEqual((result as { begun: number }).begun + 1)
  const again = (await explain()).waits.at(-1)
  expect(again).toMatchObject({ for: expect.stringContaining('its window had closed') })
  expect(again?.rules[0]).toMatchObject({ rule: 'pool-share' })
})
