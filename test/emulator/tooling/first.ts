import type { RowStore } from '../rows/store.ts'

/** What the setup pages of every org tell of it from the beginning. */
export function addFirstFindings(rows: RowStore): void {
  rows.insert('ApexOrgWideCoverage', { PercentCovered: 0 })
  rows.insert('SecurityHealthCheck', { Score: '85' })
  rows.insert('SecurityHealthCheckRisks', {
    RiskType: 'MEDIUM_RISK',
    SettingRiskCategory: 'MEDIUM_RISK',
    Setting: 'Minimum password length',
    SettingGroup: 'Password Policies',
    OrgValue: '8',
    StandardValue: '12',
  })
}
