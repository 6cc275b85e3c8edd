import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { takeOver } from '../../src/system/zeroable.ts'
import { startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

/** Of one stretch of work of the index, and whatever else the orchestrator does in one turn; before, it was a second. */
const longestStretchMs = 500

describe('large secrets', () => {
  let mayfly: TestMayfly
  beforeAll(async () => {
    // What a worker does with them before it begins takes as long as the machine is slow.
    mayfly = await startMayfly({ config: { startDeadlineSeconds: 300 } })
    for (let i = 0; i < 5; i++) await mayfly.vault.put('default', `large${i}`, takeOver(largest()), Date.now())
  })
  afterAll(() => mayfly.remove())

  /** In the most parts: JSON of short values, each on a line of its own. */
  function largest(): Buffer {
    const values = Array.from({ length: 5_400 }, () => JSON.stringify(randomBytes(4).toString('base64')))
    return Buffer.from(`[${values.join(',\n')}]`)
  }

  const request = (count: number) => ({
    kind: 'exec',
    input: { command: ['sh', '-c', 'tail -c 60 secret'], secretFiles: { secret: 'large0' } },
    secrets: Object.fromEntries(Array.from({ length: count }, (_, i) => [`large${i}`, `large${i}`])),
    limits: { silenceSeconds: 300 },
  })

  // Much to compute on both sides: the time that it takes is the machine's, the stretches are ours.
  it('are masked without keeping the orchestrator from everything else', { timeout: 600_000 }, async () => {
    const stretches = stretchesOfWork()
    const task = await mayfly.run(request(4))
    expect(Math.max(...stretches())).toBeLessThan(longestStretchMs)
    expect(task).toMatchObject({ state: 'succeeded', error: null })
    const shown = (await mayfly.texts(task.id, 'stdout')).join('\n')
    expect(shown).toContain('***')
    expect(shown).not.toMatch(/[A-Za-z0-9+/]{6}/)
  })

  it('are refused when they are more together than a task may have', async () => {
    const task = await mayfly.run(request(5))
    const message = 'its secrets have more than 262144 bytes together: give it fewer, or smaller ones'
    expect(task).toMatchObject({ state: 'failed', error: { code: 'SECRET_UNAVAILABLE', message } })
  })
})

/** CPU between two turns of the event loop: of it, because what else the machine does is not our figure. */
function stretchesOfWork(): () => readonly number[] {
  const found: number[] = []
  let last = process.threadCpuUsage()
  const timer = setInterval(() => {
    const { user, system } = process.threadCpuUsage(last)
    found.push((user + system) / 1_000)
    last = process.threadCpuUsage()
  }, 1)
  return () => {
    clearInterval(timer)
    return found
  }
}
