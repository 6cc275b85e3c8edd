import { afterEach, expect, it } from 'vitest'
import type { Readiness } from '../../src/contract/readiness.ts'
import { levels } from '../fixtures/levels.ts'
import { type Orchestrator, Site, standingBy } from './support/orchestrator.ts'
import { processesWith, workspacesOf } from './support/traces.ts'

let orchestrator: Orchestrator | undefined

afterEach(() => orchestrator?.kill())

it.each(levels)(
  'workers that stand by at level %i go with an orchestrator that is killed, and what they had with the next',
  {
    timeout: 120_000,
  },
  async (level) => {
    const site = await Site.create({ isolation: { atMost: level }, ...standingBy })
    const standing = async () => ((await (await site.request('GET', '/readyz')).json()) as Readiness).standby.waiting
    orchestrator = site.start()
    await orchestrator.listening
    await expect.poll(standing).toBe(2)
    const left = workspacesOf(site.data)
    expect(left).toHaveLength(2)
    await orchestrator.kill()
    await expect.poll(() => processesWith(site.data)).toEqual([])
    expect(workspacesOf(site.data)).toEqual(left)

    orchestrator = site.start()
    await orchestrator.listening
    expect(workspacesOf(site.data).filter((worker) => left.includes(worker))).toEqual([])
    await expect.poll(standing, { timeout: 10_000 }).toBe(2)
    await orchestrator.kill('SIGTERM')
    expect(processesWith(site.data)).toEqual([])
    expect(workspacesOf(site.data)).toEqual([])
  },
)
