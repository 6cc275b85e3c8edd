import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAftermath, processesWith } from '../fixtures/aftermath.ts'
import { levels } from '../fixtures/levels.ts'
import { type Ask, children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

/** A sleep that can be told from every other. */
let naps = 0
const nap = () => `${process.pid}.${++naps}`

const manners = ['return', 'exit', 'wait'] as const

describe.each(levels)('of a tree at level %i nothing survives that', (level) => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    mayfly = await startMayfly({
      config: { kinds: [children('common'), children('faults')], isolation: { atMost: level }, sharedSlots: 1 },
    })
  })

  afterAll(() => mayfly.remove())

  /** Runs a task that leaves something behind, ends it where it does not end by itself, and returns it. */
  async function leave(input: {
    script: string
    withReports?: boolean
    env?: Record<string, string>
    leader: (typeof manners)[number]
  }) {
    const { id } = await mayfly.submit({ kind: 'leak', input } as Ask)
    await mayfly.untilText(id, 'left')
    if (input.leader === 'wait') await mayfly.cancel(id)
    return mayfly.settled(id)
  }

  it.each(manners)('left its session and holds stdout, of a leader that does %s', async (manner) => {
    const seconds = nap()
    const task = await leave({ script: `exec sleep ${seconds}`, leader: manner })
    expect(task.outcome).toBe({ return: 'succeeded', exit: 'abandoned', wait: 'cancelled' }[manner])
    expect(processesWith(`sleep\0${seconds}`)).toEqual([])
    await expectAftermath(mayfly, task.id)
  })

  it.each(manners)('forked twice, of a leader that does %s', async (manner) => {
    const seconds = nap()
    const task = await leave({ script: `(setsid sleep ${seconds} &) & echo forked`, leader: manner })
    expect(processesWith(`sleep\0${seconds}`)).toEqual([])
    await expectAftermath(mayfly, task.id)
  })

  it('forks faster than one look', async () => {
    const seconds = nap()
    const script = `f() { sleep 0.02; f & sleep ${seconds}; }; f`
    const task = await leave({ script, leader: 'return' })
    expect(processesWith(`sleep\0${seconds}`)).toEqual([])
    await expectAftermath(mayfly, task.id)
  })

  it.each(['return', 'exit'] as const)('holds its pipes and its reports, of a leader that does %s', async (manner) => {
    const seconds = nap()
    const task = await leave({ script: `exec sleep ${seconds}`, withReports: true, leader: manner })
    expect(task.outcome).toBe(manner === 'return' ? 'succeeded' : 'abandoned')
    expect(processesWith(`sleep\0${seconds}`)).toEqual([])
    await expectAftermath(mayfly, task.id)
  })

  it('ignores every signal that can be ignored', async () => {
    const seconds = nap()
    const task = await leave({ script: `trap '' TERM INT HUP; while :; do sleep ${seconds}; done`, leader: 'wait' })
    expect(processesWith(seconds)).toEqual([])
    await expectAftermath(mayfly, task.id)
  })

  it('shed the marker and holds its pipes: it dies with its namespace, or is left behind', async () => {
    const seconds = nap()
    const task = await leave({
      script: `exec sleep ${seconds}`,
      withReports: true,
      env: { PATH: '/usr/bin:/bin' },
      leader: 'exit',
    })
    const left = processesWith(`sleep\0${seconds}`)
    for (const pid of left) process.kill(pid, 'SIGKILL')
    expect(task).toMatchObject({ state: 'failed', outcome: 'abandoned' })
    expect(left).toHaveLength(level === 0 ? 1 : 0)
    await expectAftermath(mayfly, task.id)
  })

  it('made its workspace hard to remove', async () => {
    const outside = join(mayfly.data, `outside-${level}`)
    writeFileSync(outside, 'not its own')
    const task = await mayfly.run({ kind: 'barricade', input: { outside } })
    expect(task).toMatchObject({ state: 'succeeded' })
    expect(readFileSync(outside, 'utf8')).toBe('not its own')
    await expectAftermath(mayfly, task.id)
  })
})
