import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { guardOf } from '../../../src/contract/check.ts'
import { toContractTask } from '../../../src/contract/present.ts'
import { progressOf } from '../../../src/faces/mcp/progress.ts'
import { mostResultBytes, SeenTask, toSeen, toSeenAtEnd } from '../../../src/faces/mcp/seen.ts'
import { STATES } from '../../../src/task/states.ts'
import { sampleTask } from '../../contracts/samples.ts'

const task = toContractTask(sampleTask({ input: { password: 'not to be seen' }, secrets: { token: 'vault:TOKEN' } }))
const isSeen = guardOf(SeenTask)

describe('a task as agents see it', () => {
  it.each(STATES)('that is %s says what to do, and shows neither its input nor what its secrets are', (state) => {
    const seen = toSeen({ ...task, state })
    expect(isSeen(seen)).toBe(true)
    expect(seen.next).toMatch(/^it(s| )/)
    expect(JSON.stringify(seen)).not.toMatch(/not to be seen|vault/)
  })

  it('has its result, unless that is too long: then where to get it', () => {
    const ended = { ...task, state: 'succeeded' as const }
    const short = toSeenAtEnd({ ...ended, result: { a: 'x'.repeat(mostResultBytes - 100) } }, [])
    const long = toSeenAtEnd({ ...ended, result: { a: 'x'.repeat(mostResultBytes) } }, [])
    expect([isSeen(short), isSeen(long)]).toEqual([true, true])
    expect(short).toHaveProperty('result.a')
    expect(long).not.toHaveProperty('result')
    expect(long.next).toContain(`GET /v1/tasks/${task.id} has it`)
  })

  it('says at length only so much', () => {
    const message = '🎉'.repeat(5_000)
    const seen = toSeen({
      ...task,
      progress: { phase: message, percent: null, message },
      error: { code: 'X', message, retryable: false },
    })
    expect(JSON.stringify(seen).length).toBeLessThan(15_000)
    expect(seen.error?.message.isWellFormed()).toBe(true)
  })
})

describe('progress', () => {
  const phases = fc.record({
    state: fc.constantFrom(...STATES),
    progress: fc.option(
      fc.record({ phase: fc.string(), percent: fc.option(fc.double({ min: 0, max: 100, noNaN: true })) }),
    ),
  })

  it('always grows, never exceeds its total, and is told only when there is something new', () => {
    fc.assert(
      fc.property(fc.array(phases), (looks) => {
        const sayOf = progressOf()
        const told = looks.flatMap((look) => sayOf({ ...task, ...look }) ?? [])
        for (const [at, { progress, total, message }] of told.entries()) {
          expect(progress).toBeGreaterThan(told[at - 1]?.progress ?? 0)
          expect(total ?? progress).toBeGreaterThanOrEqual(progress)
          expect(message).not.toBe(told[at - 1]?.message)
        }
      }),
    )
  })
})
