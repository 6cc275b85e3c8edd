import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Needles } from '../../src/mask/needles.ts'
import { FRAME, type FrameType } from '../../src/protocol/frame.ts'
import { BrokenFrame } from '../../src/protocol/parser.ts'
import { parseReport } from '../../src/stream/report.ts'

const fromWorker = [FRAME.PROGRESS, FRAME.LOG, FRAME.CHECKPOINT, FRAME.SUSPEND, FRAME.RESULT, FRAME.ERROR]
const toWorker = [FRAME.START, FRAME.SECRET, FRAME.END, FRAME.CANCEL, FRAME.PREEMPT, FRAME.ACK]

const noSecrets = new Needles()
const parse = (type: FrameType, value: unknown) => parseReport(type, value, noSecrets)

describe('a report', () => {
  it('is understood or refused, whatever it holds', () => {
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(
        fc.constantFrom(
          'phase',
          'percent',
          'level',
          'message',
          'number',
          'value',
          'resumeAt',
          'code',
          'usage',
          'fields',
          'exitCode',
        ),
        fc.jsonValue(),
      ),
    )
    fc.assert(
      fc.property(fc.constantFrom(...fromWorker), anything, (type, value) => {
        try {
          const report = parse(type, value)
          expect(JSON.parse(JSON.stringify(report))).toBeDefined()
        } catch (error) {
          expect(error).toBeInstanceOf(BrokenFrame)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it.each(toWorker)('of type %i is the orchestrator’s to send', (type) => {
    expect(() => parse(type, {})).toThrow(BrokenFrame)
  })

  it('keeps its texts short', () => {
    const report = parse(FRAME.LOG, { message: 'x'.repeat(1_000_000) })
    expect(JSON.stringify(report).length).toBeLessThan(20_000)
  })

  it.each([null, 0, 50, 100])('of progress may say %j percent', (percent) => {
    expect(parse(FRAME.PROGRESS, { phase: 'p', percent })).toEqual({
      type: 'progress',
      progress: { phase: 'p', percent },
    })
  })

  it.each([-1, 101, 'half', {}, true])('of progress that says %j percent is a warning', (percent) => {
    expect(parse(FRAME.PROGRESS, { phase: 'p', percent })).toMatchObject({ type: 'log', data: { level: 'warn' } })
  })

  it('of an error keeps a code that is one', () => {
    const codeOf = (code: unknown) => {
      const report = parse(FRAME.ERROR, { code, message: 'm' })
      return report.type === 'error' && report.error.code
    }
    expect(codeOf('ORG_LOCKED')).toBe('ORG_LOCKED')
    for (const code of ['', 'a b', 'lower', '1A', 'X'.repeat(65), 5, null]) expect(codeOf(code)).toBe('TASK_FAILED')
  })
})
