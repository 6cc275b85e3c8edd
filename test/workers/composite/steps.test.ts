import { describe, expect, it } from 'vitest'
import type { Child } from '../../../workers/children.ts'
import { failureOf, markdownOf } from '../../../workers/composite/report.ts'
import { progressionOf, type Step } from '../../../workers/composite/steps.ts'

const step = (key: string, more: Partial<Step> = {}): Step => ({
  key,
  title: key,
  request: { kind: 'exec', input: {} },
  judge: (result) => ({ isGood: result === 'good', says: String(result) }),
  ...more,
})
const child = (key: string, state: Child['state'], result: string | null = null): Child => ({
  key,
  id: `id of ${key}`,
  state,
  result,
  error: state === 'failed' ? { code: 'TASK_FAILED', message: 'it broke', retryable: false } : null,
})
const keys = (list: readonly { readonly key: string }[]) => list.map(({ key }) => key)

const steps = [
  step('lint'),
  step('check'),
  step('deploy', { needs: ['lint', 'check'] }),
  step('pack', { needs: ['deploy'] }),
]

describe('steps', () => {
  it('begin at once, but for those that need others', () => {
    expect(keys(progressionOf(steps, []).begin)).toEqual(['lint', 'check'])
    const half = progressionOf(steps, [child('lint', 'succeeded', 'good'), child('check', 'running')])
    expect([keys(half.begin), keys(half.running), keys(half.ended)]).toEqual([[], ['check'], ['lint']])
    const whole = progressionOf(steps, [child('lint', 'succeeded', 'good'), child('check', 'succeeded', 'good')])
    expect(keys(whole.begin)).toEqual(['deploy'])
  })

  it('that need one that is not good are skipped, and so are those that need them', () => {
    const { begin, running, ended } = progressionOf(steps, [
      child('lint', 'succeeded', '3 errors'),
      child('check', 'succeeded', 'good'),
    ])
    expect([begin, running]).toEqual([[], []])
    expect(ended.map(({ key, state, says }) => [key, state, says])).toEqual([
      ['lint', 'succeeded', '3 errors'],
      ['check', 'succeeded', 'good'],
      ['deploy', 'skipped', 'not begun, because of: lint'],
      ['pack', 'skipped', 'not begun, because of: deploy'],
    ])
  })

  it('that fail, are cancelled or refused leave what the others came to', () => {
    const { ended } = progressionOf(
      [step('a'), step('b'), step('c'), step('d')],
      [child('a', 'failed'), child('b', 'cancelled'), child('d', 'succeeded', 'good')],
      new Map([['c', 'there is no such kind']]),
    )
    expect(ended.map(({ says, isGood, score }) => [says, isGood, score])).toEqual([
      ['it broke', false, 0],
      ['its task was cancelled', false, 0],
      ['there is no such kind', false, 0],
      ['good', true, 100],
    ])
    expect(failureOf('build 1', ended)).toBe(
      'build 1: a: it broke; b: its task was cancelled; c: there is no such kind',
    )
    expect(markdownOf('Build', [], ended)).toContain('| ✗ | a | it broke | 0 | id of a |')
    expect(failureOf('build 1', ended.slice(-1))).toBe(null)
  })
})
