import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Stats } from '../../src/contract/stats.ts'
import type { ContractTask } from '../../src/contract/task.ts'
import { type Orchestrator, Site } from './support/orchestrator.ts'

const settings = {
  isolation: { atMost: 0 },
  sharedSlots: 1,
  criticalSlots: 0,
  standby: 0,
  stopGraceSeconds: 0,
  logLevel: 'info',
}
const forever = { kind: 'exec', input: { command: ['sleep', '1000'] } }

let site: Site
let orchestrator: Orchestrator

beforeEach(async () => {
  site = await Site.create(settings)
  orchestrator = site.start()
  await orchestrator.listening
})

afterEach(() => orchestrator.kill())

/** What it says of other settings when it is told that there are some. */
async function reload(others: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
  site.configure(others)
  const before = orchestrator.said.length
  orchestrator.child.kill('SIGHUP')
  const answer = () => linesOf(orchestrator.said.slice(before)).find((line) => line.includes('settings'))
  await expect.poll(answer).toBeDefined()
  return JSON.parse(answer() ?? '')
}

function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1)
}

async function started({ id }: ContractTask): Promise<void> {
  await site.json('GET', `/v1/tasks/${id}/events?after=1&limit=1&wait=30`)
}

const submit = () => site.json<ContractTask>('POST', '/v1/tasks', forever)
const busy = async () => (await site.json<Stats>('GET', '/v1/stats')).pools.reduce((sum, one) => sum + one.busy, 0)

describe('SIGHUP', () => {
  it('has the settings read again: what waits starts when there are more slots, and new ones bound what comes', async () => {
    const tasks = [await submit(), await submit()]
    await started(tasks[0] as ContractTask)
    expect(await busy()).toBe(1)
    const tenant = { queued: 0 }
    expect(await reload({ ...settings, sharedSlots: 2, tenant })).toMatchObject({ changed: ['sharedSlots', 'tenant'] })
    await started(tasks[1] as ContractTask)
    expect(await busy()).toBe(2)
    expect((await site.request('POST', '/v1/tasks', forever)).status).toBe(429)
  })

  it('changes nothing when one of them is wrong, and says so in one sentence', async () => {
    const wrong = { ...settings, sharedSlots: 2, pools: { batch: { share: 7 } } }
    expect(await reload(wrong)).toMatchObject({
      level: 50,
      msg: 'the settings stay as they were: pools.batch.share must be at most 1',
    })
    const pools = (await site.json<Stats>('GET', '/v1/stats')).pools
    expect(pools.find(({ pool }) => pool === 'normal')?.slots).toBe(1)
    expect(await reload(settings)).toMatchObject({ changed: [], msg: 'the settings are as they were' })
  })

  it('names what needs a restart', async () => {
    await reload({ ...settings, limits: { openFiles: 1024 }, retainDays: 3 })
    await expect.poll(() => orchestrator.said).toContain('a restart is needed for limits, retainDays')
  })
})
