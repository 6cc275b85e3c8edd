import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAftermath, processesWith } from '../fixtures/aftermath.ts'
import { levels } from '../fixtures/levels.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

let naps = 0
const nap = () => `${process.pid}.${5_000 + ++naps}`

/** Stops the group of the worker, in which its wrapper is too; the second resumes the leader, so that it ends by itself. */
const stopAll = (seconds: string) => `echo up; kill -STOP 0; sleep ${seconds}`
const stopWrapper = (seconds: string) => `
  setsid sh -c 'touch apart; sleep 0.2; kill -CONT $0 $1; sleep ${seconds}' $PPID $$ &
  until [ -e apart ]; do sleep 0.01; done
  kill -STOP 0`

describe.each(levels)('a task at level %i that stops its whole process group', (level) => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    mayfly = await startMayfly({
      config: { kinds: [children('common')], isolation: { atMost: level }, sharedSlots: 1 },
    })
  })

  afterAll(() => mayfly.remove())

  const exec = (script: string) => ({ kind: 'exec', input: { command: ['sh', '-c', script] } })

  it('is cancelled, and nothing is left', async () => {
    const seconds = nap()
    const { id } = await mayfly.submit(exec(stopAll(seconds)))
    await mayfly.untilText(id, 'up')
    await mayfly.cancel(id)
    expect(await mayfly.settled(id)).toMatchObject({ state: 'cancelled' })
    expect(processesWith(`sleep\0${seconds}`)).toEqual([])
    await expectAftermath(mayfly, id)
  })

  it('ends at its limit of run time, and nothing is left', async () => {
    const seconds = nap()
    const task = await mayfly.run({ ...exec(stopAll(seconds)), limits: { runSeconds: 0.5 } })
    expect(task).toMatchObject({ state: 'failed', outcome: 'timed_out' })
    expect(processesWith(`sleep\0${seconds}`)).toEqual([])
    await expectAftermath(mayfly, task.id)
  })

  it('succeeds when it goes on itself, though its wrapper does not', async () => {
    const seconds = nap()
    const task = await mayfly.run(exec(stopWrapper(seconds)))
    expect(task).toMatchObject({ state: 'succeeded' })
    expect(processesWith(`sleep\0${seconds}`)).toEqual([])
    await expectAftermath(mayfly, task.id)
  })
})
