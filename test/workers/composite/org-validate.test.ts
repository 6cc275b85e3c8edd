import { describe, expect, it } from 'vitest'
import { isIgnored } from '../../../workers/drift/drift.ts'
import { judgeConfig, judgeDrift, judgeHealth } from '../../../workers/org-validate/judge.ts'
import { scoreOf, validationSteps } from '../../../workers/org-validate/steps.ts'

const keys = (input: object, commit: string | null = null) =>
  validationSteps({ org: 'prod', ...input }, commit).map(({ key }) => key)

describe('the validation of an org', () => {
  it('compares and validates where there are sources, and runs the tests of the org where there are none', () => {
    expect(keys({})).toEqual(['health', 'config', 'tests'])
    expect(keys({ upload: 'u' })).toEqual(['health', 'config', 'drift', 'deploy'])
    expect(keys({ upload: 'u', tests: 'run' })).toEqual(['health', 'config', 'drift', 'tests'])
    expect(keys({ tests: 'none' })).toEqual(['health', 'config'])
  })

  it('has all its steps work on one commit, with the token of the request', () => {
    const git = { url: 'https://example.com/a.git', ref: 'main' }
    const [, , drift, deploy] = validationSteps({ org: 'prod', git, gitToken: 'forge' }, 'c0ffee')
    for (const step of [drift, deploy]) {
      expect(step?.request.input.git).toEqual({ url: git.url, ref: 'c0ffee', token: 'git' })
      expect(step?.request.secrets).toEqual({ git: 'vault:git/forge' })
    }
  })

  it('weighs what there was', () => {
    const score = (...scores: (readonly [string, number | null])[]) =>
      scoreOf(scores.map(([key, score]) => ({ key, score })))
    expect(score(['health', 100], ['config', 100], ['drift', 100], ['deploy', 100])).toBe(100)
    expect(score(['health', 100], ['config', 100], ['drift', 50], ['deploy', 0])).toBe(40)
    expect(score(['health', 100], ['tests', null])).toBe(100)
    expect(score()).toBe(0)
  })
})

describe('a verdict', () => {
  it('on the health of an org knows that it is nearly out of calls', () => {
    const health = (status: string, percent: number) =>
      judgeHealth({ orgs: [{ status, lastError: 'refused', apiUsage: { used: 1, limit: 2, percent } }] })
    expect(health('active', 10)).toMatchObject({ isGood: true, score: 100 })
    expect(health('active', 90)).toMatchObject({ isGood: true, score: 70 })
    expect(health('revoked', 0)).toMatchObject({ isGood: false, says: 'revoked: refused' })
  })

  it('on its configuration is bad with an error alone', () => {
    const config = (severity: string) =>
      judgeConfig({ org: 'prod', rules: [{}, {}], findings: [{ rule: 'r', severity, message: 'm' }] })
    expect(config('warning')).toMatchObject({ isGood: true, score: 95 })
    expect(config('error')).toMatchObject({
      isGood: false,
      score: 80,
      says: '1 finding of 2 rules, 1 error among them',
      findings: [{ file: 'org/prod', rule: 'r', severity: 'error' }],
    })
  })

  it('on drift is the share that is the same', () => {
    const drift = { what: 'only-there', type: 'ApexClass', name: 'B', path: '', detail: null, file: null }
    const verdict = judgeDrift({ org: 'prod', same: 3, changed: 0, onlyHere: 0, onlyThere: 1, drifts: [drift] })
    expect(verdict).toMatchObject({ isGood: true, score: 75 })
    expect(verdict.findings?.[0]?.message).toBe('ApexClass B is in org prod, and not in the sources')
  })
})

describe('drift that is not to count', () => {
  it('is named by type and name, with * for any part', () => {
    const one = { type: 'Profile', name: 'Sales (EU)' }
    expect(isIgnored(one, ['Profile:*'])).toBe(true)
    expect(isIgnored(one, ['profile:sales (*'])).toBe(true)
    expect(isIgnored(one, ['Profile:Sales'])).toBe(false)
    expect(isIgnored(one, [])).toBe(false)
  })
})
