/** A task that hangs: what it was doing is said, a report of it is kept, and no secret is in that. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ArtifactPage } from '../../src/contract/artifact.ts'
import type { ContractTask } from '../../src/contract/task.ts'
import { takeOver } from '../../src/system/zeroable.ts'
import { expectAftermath } from '../fixtures/aftermath.ts'
import { formsOf } from '../fixtures/canary.ts'
import { outerLevels } from '../fixtures/levels.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

const canary = Buffer.from('canary-Zq7Wf3Lk9Xv2Tn5Rb8Md4Hc6Jp1')
const secrets = { token: 'vault:token' }

function sentenceOf(how: string, doing: string): RegExp {
  const also = how === 'command' ? ', and \\S+ of it is spinning' : ''
  return new RegExp(`^it was silent for 2.5 s, its limit: its process is ${doing}${also}$`)
}

describe.each(outerLevels)('a task that hangs at level %i', (level) => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    mayfly = await startMayfly({
      config: {
        kinds: [children('common'), children('hung'), children('faults')],
        isolation: { atMost: level },
        // Half of them spin, and the others are to write their reports beside them.
        askGraceSeconds: 2,
      },
    })
    await mayfly.vault.put('default', 'token', takeOver(Buffer.from(canary)), Date.now())
  })

  afterAll(() => mayfly.remove())

  const hang = (how: string) => mayfly.run({ kind: 'hang', input: { how }, secrets, limits: { silenceSeconds: 2.5 } })

  async function kept(id: string): Promise<Record<string, string>> {
    const { items } = await mayfly.get<ArtifactPage>(`/tasks/${id}/artifacts`)
    const texts = items.map(async ({ name }) => {
      const answer = await mayfly.call('GET', `/tasks/${id}/artifacts/${encodeURIComponent(name)}`)
      return [name, await answer.text()] as const
    })
    const files = Object.fromEntries(await Promise.all(texts))
    for (const text of Object.values(files)) {
      expect(text).not.toMatch(/environmentVariables/)
      // Not even a part, as the first letters of a title would be.
      expect(text).not.toContain(canary.toString().slice(0, 10))
      for (const form of formsOf(canary)) expect(Buffer.from(text).includes(form)).toBe(false)
    }
    return files
  }

  it.concurrent.each([
    ['spin', 'spinning', false],
    ['spin later', 'spinning', false],
    ['wait', 'waiting', true],
    ['command', 'waiting', true],
    ['stop', 'stopped', false],
  ] as const)('says that it does so, and why, and keeps a report: %s', async (how, doing, answers) => {
    const task = await hang(how)
    expect(task.error).toMatchObject({
      code: 'SILENT',
      message: expect.stringMatching(sentenceOf(how, doing)),
      details: { limit: 'silenceSeconds', allowed: 2.5, doing, cpuShare: expect.any(Number) },
    })
    const { 'diagnostics/report.json': text = '', ...others } = await kept(task.id)
    expect(others).toEqual({})
    const report = JSON.parse(text)
    expect(report).toMatchObject({ task: task.id, attempt: 1, doing, isolation: level })
    expect(report.processes.at(-1)).toMatchObject({
      state: expect.stringMatching(/^[RST]$/),
      threads: expect.any(Number),
    })
    if (answers) {
      expect(task.error?.details).toMatchObject({
        loopTurnedSecondsAgo: expect.any(Number),
        loopLagMs: expect.any(Number),
      })
      expect(report.worker).toMatchObject({ header: { trigger: expect.any(String) }, libuv: expect.any(Array) })
    } else {
      expect(report.worker).toBeNull()
    }
    if (how === 'spin later') {
      const frames = [
        expect.stringMatching(/^at compute \(.*hang\.ts:\d+:\d+\)$/),
        expect.stringMatching(/^at \*\*\* \(/),
      ]
      expect(report.stack.slice(0, 2)).toEqual(frames)
      expect(await mayfly.texts(task.id, 'stderr')).toContainEqual(expect.stringContaining('at compute ('))
    } else {
      expect(report.stack).toBeNull()
    }
    await expectAftermath(mayfly, task.id)
  })

  it.concurrent.each([
    ['spin', 'SILENT'],
    ['throw', 'TASK_FAILED'],
    ['return', undefined],
  ] as const)('is profiled when it is run again for debugging: %s', async (how, code) => {
    const failed = await mayfly.submit({ kind: 'hang', input: { how }, secrets, limits: { silenceSeconds: 2.5 } })
    expect((await mayfly.cancel(failed.id)).status).toBe(202)
    await mayfly.settled(failed.id)
    const answer = await mayfly.call('POST', `/tasks/${failed.id}/retry`, { debug: true })
    const { id, retryOf } = (await answer.json()) as ContractTask
    expect(retryOf).toBe(failed.id)
    const task = await mayfly.settled(id)
    expect(task.error?.code).toBe(code)
    const files = await kept(id)
    const profile = JSON.parse(files['diagnostics/cpu.cpuprofile'] ?? '')
    expect(profile).toMatchObject({ nodes: expect.any(Array), samples: expect.any(Array) })
    expect(JSON.parse(files['diagnostics/heap.json'] ?? '')).toMatchObject({ usedSize: expect.any(Number) })
    if (how === 'spin') expect(files['diagnostics/cpu.cpuprofile']).toContain('hung/hang.ts')
    await expectAftermath(mayfly, id)
  })

  it('that has succeeded, and does not exit, has its result; its log says that it was ended', async () => {
    const { id, state } = await mayfly.run({ kind: 'linger' })
    expect(state).toBe('succeeded')
    expect(await mayfly.texts(id, 'log')).toContain(
      'it had its result and did not exit within 0.3 s: its process was ended',
    )
  })
})
