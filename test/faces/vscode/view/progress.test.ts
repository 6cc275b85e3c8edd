import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inView } from '../../../../src/faces/vscode/view/model.ts'
import { Steps } from '../../../../src/faces/vscode/view/progress.ts'
import { task } from '../fixtures/tasks.ts'

const at = (percent: number | null, message = '') =>
  inView(task({ state: 'running', progress: { phase: 'linting', percent, message } }))

describe('the steps of a notification', () => {
  it('add up to where the task has been at most, whatever it says, and never go back', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.double({ min: 0, max: 100, noNaN: true }))), (percents) => {
        const steps = new Steps()
        const increments = percents.map((percent) => steps.to(at(percent)).increment)
        expect(increments.every((increment) => increment >= 0)).toBe(true)
        const most = Math.max(0, ...percents.map((percent) => Math.floor(percent ?? 0)))
        expect(increments.reduce((sum, increment) => sum + increment, 0)).toBe(most)
      }),
    )
  })

  it('say what it does, on one line that is not too long', () => {
    expect(new Steps().to(at(12, 'a.js')).message).toBe('12% · linting: a.js')
    expect(new Steps().to(at(null, `a\n${'b'.repeat(500)}`)).message).toMatch(/^running · linting: a b+…$/)
  })
})
