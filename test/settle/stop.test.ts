import { afterEach, describe, expect, it } from 'vitest'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { standStillPastAnEnd } from '../fixtures/stand-still.ts'

const mostTries = 8

describe.each([0, 1] as const)('at level %i', (level) => {
  let mayfly: TestMayfly

  afterEach(() => mayfly.remove())

  it('a worker that left in time while the server stood still is not said to have stayed', async () => {
    let stoodPastAnEnd = false
    const stand = () => {
      stoodPastAnEnd ||= standStillPastAnEnd(500)
    }
    const witness = (waypoint: string) => void (waypoint === 'settle.ended' && setImmediate(stand))
    const config = { kinds: [children('common')], isolation: { atMost: level } }
    mayfly = await startMayfly({ config, hooks: { witness } })
    // The end of one that is quick has been heard by then.
    for (let tries = 0; tries < mostTries && !stoodPastAnEnd; tries++) {
      const { id, state } = await mayfly.run({ kind: 'succeed' })
      expect(state).toBe('succeeded')
      expect(await mayfly.texts(id, 'log')).toEqual([])
    }
    expect(stoodPastAnEnd).toBe(true)
  })
})
