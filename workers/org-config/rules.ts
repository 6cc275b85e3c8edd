/** The rules by which a configuration is judged, as data: what each looks at, what it wants, and what to do about it. */
import type { Row, SourceName, Told } from './sources.ts'
import type { Thresholds } from './thresholds.ts'
import { dated, lasts, most, usage, type Verdict } from './verdict.ts'

export type Severity = 'error' | 'warning' | 'info'

export interface Rule {
  readonly id: string
  readonly severity: Severity
  readonly source: SourceName
  /** For people: what it finds. */
  readonly finds: string
  /** What a person can do. */
  readonly remedy: string
  judge(told: Told, thresholds: Thresholds, nowMs: number): Verdict
}

export const RULES: readonly Rule[] = [
  {
    id: 'limits/api-usage',
    severity: 'error',
    source: 'limits',
    finds: 'API calls of 24 hours that are nearly used up',
    remedy: 'Find out under Setup → System Overview which integration uses them',
    judge: (told, { apiUsagePct }) => usage(told, ['DailyApiRequests'], apiUsagePct),
  },
  {
    id: 'limits/storage',
    severity: 'error',
    source: 'limits',
    finds: 'storage that is nearly full',
    remedy: 'Look under Setup → Storage Usage what fills it',
    judge: (told, { storagePct }) => usage(told, ['DataStorageMB', 'FileStorageMB'], storagePct),
  },
  {
    id: 'limits/other',
    severity: 'warning',
    source: 'limits',
    finds: 'any other limit that is nearly used up',
    remedy: 'Look the limit up in the documentation of the REST resource "limits"',
    judge: (told, { limitPct }) => {
      const own = ['DailyApiRequests', 'DataStorageMB', 'FileStorageMB']
      const names = told.map(({ name }) => String(name)).filter((name) => !own.includes(name))
      return usage(told, names, limitPct)
    },
  },
  {
    id: 'org/trial',
    severity: 'error',
    source: 'organization',
    finds: 'an org that expires soon',
    remedy: 'Extend it, or move what is still needed',
    judge: ([org], { trialDays }, nowMs) => lasts(dated([org ?? {}], 'Name', 'TrialExpirationDate'), trialDays, nowMs),
  },
  {
    id: 'packages/beta',
    severity: 'warning',
    source: 'packages',
    finds: 'installed package versions that were never released',
    remedy: 'Install a released version',
    judge: (told) => {
      const beta = told.filter((row) => at(row, 'SubscriberPackageVersion', 'ReleaseState') === 'Beta')
      return most(beta.map(packageTitle), 0, 'beta versions')
    },
  },
  {
    id: 'security/health-score',
    severity: 'warning',
    source: 'health',
    finds: 'a low score of the security health check',
    remedy: 'Setup → Health Check shows what lowers it, and can fix it',
    judge: ([health], { healthScore }) => {
      const score = health ? Number.parseInt(String(health.Score), 10) : null
      const isGood = score !== null && score >= healthScore
      return { isGood, actual: score, expected: `at least ${healthScore}`, evidence: [] }
    },
  },
  {
    id: 'security/high-risks',
    severity: 'error',
    source: 'risks',
    finds: 'settings that the security health check calls a high risk',
    remedy: 'Setup → Health Check shows each beside its standard value',
    judge: (told) => {
      const high = told.filter(({ RiskType }) => RiskType === 'HIGH_RISK')
      const shown = high.map((risk) => {
        return `${risk.SettingGroup}: ${risk.Setting} is ${risk.OrgValue}, the standard is ${risk.StandardValue}`
      })
      return most(shown, 0, 'high risks')
    },
  },
  {
    id: 'apex/api-version',
    severity: 'warning',
    source: 'oldApex',
    finds: 'Apex classes of old API versions',
    remedy: 'Raise the apiVersion in their -meta.xml and run their tests',
    judge: (told, { apexApiVersion }) =>
      most(
        told.map(({ Name, ApiVersion }) => `${Name} ${Number(ApiVersion).toFixed(1)}`),
        0,
        `classes below ${apexApiVersion}.0`,
      ),
  },
  {
    id: 'apex/coverage',
    severity: 'error',
    source: 'coverage',
    finds: 'code coverage below what a deployment to production needs',
    remedy: 'Run all tests (apex.test), and write those that are missing',
    judge: ([row], { coveragePct }) => {
      // Nothing is what an org says before its tests have ever run, too.
      const percent = Number(row?.PercentCovered ?? 0) || null
      const isGood = percent !== null && percent >= coveragePct
      return { isGood, actual: percent, expected: `at least ${coveragePct} %`, evidence: [] }
    },
  },
  {
    id: 'users/idle',
    severity: 'warning',
    source: 'idleUsers',
    finds: 'active users who have not logged in for long',
    remedy: 'Freeze or deactivate them: each holds a licence and is a way in',
    judge: (told, { idleUsers, idleUserDays }) =>
      most(
        told.map(({ Username, LastLoginDate }) => `${Username}, last on ${String(LastLoginDate).slice(0, 10)}`),
        idleUsers,
        `users idle for ${idleUserDays} days`,
      ),
  },
  {
    id: 'users/modify-all',
    severity: 'warning',
    source: 'modifyAll',
    finds: 'more users who may modify all data than there should be',
    remedy: 'Take the permission from profiles and permission sets that need it not',
    judge: (told, { modifyAllUsers }) => {
      const users = Map.groupBy(told, (row) => String(at(row, 'Assignee', 'Username')))
      const shown = [...users].map(([user, rows]) => {
        return `${user} by ${rows.map((row) => at(row, 'PermissionSet', 'Name')).join(', ')}`
      })
      return most(shown, modifyAllUsers, 'users who may modify all data')
    },
  },
  {
    id: 'setup/changes',
    severity: 'info',
    source: 'setupChanges',
    finds: 'many changes in setup, which no deployment knows of',
    remedy: 'Take them over into the sources: source.track retrieves them',
    judge: (told, { setupChanges, setupChangeDays }) =>
      most(
        told.map(
          (row) =>
            `${String(row.CreatedDate).slice(0, 10)} ${row.Section ?? ''}: ${row.Action} by ${at(row, 'CreatedBy', 'Username')}`,
        ),
        setupChanges,
        `changes in ${setupChangeDays} days`,
      ),
  },
  {
    id: 'flows/inactive',
    severity: 'info',
    source: 'flows',
    finds: 'flows that are not active',
    remedy: 'Activate them or delete them',
    judge: (told, { inactiveFlows }) =>
      most(
        told.filter(({ IsActive }) => IsActive !== true).map(({ ApiName }) => String(ApiName)),
        inactiveFlows,
        'inactive flows',
      ),
  },
  {
    id: 'flows/out-of-date',
    severity: 'warning',
    source: 'flows',
    finds: 'flows of which another version is newer than the active one',
    remedy: 'Activate the newest version, or delete it',
    judge: (told) =>
      most(
        told.filter(({ IsOutOfDate }) => IsOutOfDate === true).map(({ ApiName }) => String(ApiName)),
        0,
        'flows with a newer version',
      ),
  },
  {
    id: 'certificates/expiry',
    severity: 'error',
    source: 'certificates',
    finds: 'certificates that expire soon',
    remedy: 'Make a new one under Setup → Certificate and Key Management and hand it on',
    judge: (told, { certificateDays }, nowMs) =>
      lasts(dated(told, 'DeveloperName', 'ExpirationDate'), certificateDays, nowMs),
  },
]

function at(row: Row, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (value as Row | null | undefined)?.[name], row)
}

function packageTitle(row: Row): string {
  const number = ['MajorVersion', 'MinorVersion', 'PatchVersion', 'BuildNumber']
    .map((part) => at(row, 'SubscriberPackageVersion', part))
    .join('.')
  return `${at(row, 'SubscriberPackage', 'Name')} ${number}`
}
