import { describe, expect, it } from 'vitest'
import { failing, judge } from '../../../workers/org-config/judge.ts'
import { RULES } from '../../../workers/org-config/rules.ts'
import { SOURCES, type Told } from '../../../workers/org-config/sources.ts'
import { type Thresholds, thresholdsOf } from '../../../workers/org-config/thresholds.ts'

const now = Date.parse('2026-06-01T00:00:00Z')

function judged(id: string, told: Told, thresholds: Partial<Thresholds> = {}) {
  const rule = RULES.find((one) => one.id === id)
  if (!rule) throw new Error(`there is no rule ${id}`)
  const { judged, finding } = judge(rule, { told }, thresholdsOf(thresholds), now)
  return [judged.outcome, finding?.actual, finding?.evidence]
}

const limit = (name: string, Max: number, Remaining: number) => ({ name, Max, Remaining })

describe('a rule', () => {
  it('about limits looks at its own, and shows the fullest first', () => {
    const told = [
      limit('DailyApiRequests', 1_000, 190),
      limit('DataStorageMB', 100, 50),
      limit('FileStorageMB', 100, 4),
      limit('HourlyTimeBasedWorkflow', 0, 0),
      limit('DailyBulkApiBatches', 200, 10),
      limit('DailyScratchOrgs', 6, 0),
    ]
    expect(judged('limits/api-usage', told)).toEqual(['found', 81, ['DailyApiRequests: 810 of 1000 (81 %)']])
    expect(judged('limits/api-usage', told, { apiUsagePct: 81 })[0]).toBe('passed')
    expect(judged('limits/storage', told)).toEqual(['found', 96, ['FileStorageMB: 96 of 100 (96 %)']])
    const others = ['DailyScratchOrgs: 6 of 6 (100 %)', 'DailyBulkApiBatches: 190 of 200 (95 %)']
    expect(judged('limits/other', told)).toEqual(['found', 100, others])
  })

  it('about time counts whole days from now', () => {
    const certificates = [
      { DeveloperName: 'Old', ExpirationDate: '2026-05-31T00:00:00.000+0000' },
      { DeveloperName: 'Soon', ExpirationDate: '2026-06-30T23:00:00.000+0000' },
      { DeveloperName: 'Late', ExpirationDate: '2026-07-01T00:00:00.000+0000' },
    ]
    const evidence = ['Old ends on 2026-05-31', 'Soon ends on 2026-06-30']
    expect(judged('certificates/expiry', certificates)).toEqual(['found', -1, evidence])
    expect(judged('org/trial', [{ Name: 'Trial', TrialExpirationDate: null }])[0]).toBe('passed')
    expect(judged('org/trial', [{ Name: 'Trial', TrialExpirationDate: '2026-06-10T00:00:00Z' }])[1]).toBe(9)
  })

  it('that counts finds more than there may be', () => {
    const holders = ['a', 'b', 'a'].map((Username) => ({ Assignee: { Username }, PermissionSet: { Name: 'X' } }))
    expect(judged('users/modify-all', holders, { modifyAllUsers: 2 })[0]).toBe('passed')
    expect(judged('users/modify-all', holders, { modifyAllUsers: 1 })).toEqual(['found', 2, ['a by X, X', 'b by X']])
    expect(judged('apex/api-version', [{ Name: 'Old', ApiVersion: 30 }])).toEqual(['found', 1, ['Old 30.0']])
    const flows = [
      { ApiName: 'On', IsActive: true, IsOutOfDate: true },
      { ApiName: 'Off', IsActive: false, IsOutOfDate: false },
    ]
    expect(judged('flows/inactive', flows)).toEqual(['found', 1, ['Off']])
    expect(judged('flows/out-of-date', flows)).toEqual(['found', 1, ['On']])
    const risk = {
      RiskType: 'HIGH_RISK',
      SettingGroup: 'Session',
      Setting: 'Lock',
      OrgValue: 'Off',
      StandardValue: 'On',
    }
    expect(judged('security/high-risks', [risk])[2]).toEqual(['Session: Lock is Off, the standard is On'])
    const version = { MajorVersion: 1, MinorVersion: 2, PatchVersion: 0, BuildNumber: 4, ReleaseState: 'Beta' }
    const beta = { SubscriberPackage: { Name: 'Tool' }, SubscriberPackageVersion: version }
    expect(judged('packages/beta', [beta])[2]).toEqual(['Tool 1.2.0.4'])
  })

  it('about a measure is unknown where nothing was measured', () => {
    expect(judged('apex/coverage', [{ PercentCovered: 74 }])).toEqual(['found', 74, []])
    expect(judged('apex/coverage', [{ PercentCovered: 75 }])[0]).toBe('passed')
    expect(judged('apex/coverage', [{ PercentCovered: 0 }])[0]).toBe('unknown')
    expect(judged('security/health-score', [{ Score: '79' }])[1]).toBe(79)
    expect(judged('security/health-score', [])[0]).toBe('unknown')
  })

  it('is named once, and all of them ask for less than 15 calls', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length)
    expect(new Set(RULES.map(({ source }) => source))).toEqual(new Set(Object.keys(SOURCES)))
    // The versions of the API that the org has are asked for, too.
    expect(Object.keys(SOURCES).length + 1).toBeLessThanOrEqual(15)
  })

  it('fails a task from the severity on that it says', () => {
    const findings = (['info', 'warning', 'error'] as const).map((severity) => {
      return { rule: 'r', severity, actual: 1, expected: '', evidence: [], message: '' }
    })
    const severities = (failOn: 'error' | 'warning' | 'never') => failing(findings, failOn).map((one) => one.severity)
    expect([severities('never'), severities('error'), severities('warning')]).toEqual([
      [],
      ['error'],
      ['warning', 'error'],
    ])
  })
})
