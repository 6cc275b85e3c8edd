import { afterEach, expect, it } from 'vitest'
import { children, startMayfly, type TestMayfly } from './fixtures/mayfly.ts'

let mayfly: TestMayfly

afterEach(() => mayfly.remove())

it('an attempt that is asked to make room while it is launched does so once it has begun', async () => {
  let asked: Promise<boolean> | undefined
  const witness = (point: string, id: string) => {
    if (point === 'launch.born') asked ??= mayfly.orchestrator.preempt(id, { reason: 'early', by: null })
  }
  mayfly = await startMayfly({ config: { kinds: [children('common')] }, hooks: { witness } })
  const { id } = await mayfly.submit({ kind: 'wait', pool: 'batch' })
  await mayfly.untilText(id, 'waiting in attempt 2')
  expect(await asked).toBe(true)
  expect(mayfly.attempts(id)[0]).toMatchObject({ outcome: 'preempted' })
  await mayfly.cancel(id)
  await mayfly.settled(id)
})
