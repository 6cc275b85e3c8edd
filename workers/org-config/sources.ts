/** What an org tells of its configuration, each with one call. */
import type { Thresholds } from './thresholds.ts'

export type Row = Readonly<Record<string, unknown>>

/** What one source told: rows of a query, or limits by name. */
export type Told = readonly Row[]

export interface Source {
  /** As in "while reading the limits". */
  readonly step: string
  /** Without it the source is a path. */
  readonly soql?: (thresholds: Thresholds) => string
  readonly path?: string
  readonly tooling?: true
}

/** Rows that a rule shows or counts; more of them change no verdict. */
const most = 2_000

export const SOURCES = {
  limits: { step: 'reading the limits', path: '/limits' },
  organization: {
    step: 'reading what kind of org it is',
    soql: () =>
      'SELECT Name, OrganizationType, IsSandbox, InstanceName, TrialExpirationDate, NamespacePrefix FROM Organization',
  },
  packages: {
    step: 'reading the installed packages',
    tooling: true,
    soql: () =>
      'SELECT SubscriberPackage.Name, SubscriberPackage.NamespacePrefix, SubscriberPackageVersion.Id, SubscriberPackageVersion.MajorVersion, SubscriberPackageVersion.MinorVersion, SubscriberPackageVersion.PatchVersion, SubscriberPackageVersion.BuildNumber, SubscriberPackageVersion.ReleaseState FROM InstalledSubscriberPackage',
  },
  health: {
    step: 'reading the score of the security health check',
    tooling: true,
    soql: () => 'SELECT Score FROM SecurityHealthCheck',
  },
  risks: {
    step: 'reading the risks of the security health check',
    tooling: true,
    soql: () => 'SELECT RiskType, SettingGroup, Setting, OrgValue, StandardValue FROM SecurityHealthCheckRisks',
  },
  oldApex: {
    step: 'looking for classes of old API versions',
    soql: ({ apexApiVersion }) =>
      `SELECT Name, ApiVersion FROM ApexClass WHERE NamespacePrefix = null AND ApiVersion < ${apexApiVersion.toFixed(1)} ORDER BY ApiVersion LIMIT ${most}`,
  },
  coverage: {
    step: 'reading the code coverage',
    tooling: true,
    soql: () => 'SELECT PercentCovered FROM ApexOrgWideCoverage',
  },
  idleUsers: {
    step: 'looking for users who do not log in',
    soql: ({ idleUserDays }) =>
      `SELECT Username, LastLoginDate FROM User WHERE IsActive = true AND LastLoginDate < LAST_N_DAYS:${idleUserDays} LIMIT ${most}`,
  },
  setupChanges: {
    step: 'reading the setup audit trail',
    soql: ({ setupChangeDays }) =>
      `SELECT Action, Section, CreatedDate, CreatedBy.Username FROM SetupAuditTrail WHERE CreatedDate = LAST_N_DAYS:${setupChangeDays} ORDER BY CreatedDate DESC LIMIT ${most}`,
  },
  modifyAll: {
    step: 'looking who may modify all data',
    soql: () =>
      `SELECT Assignee.Username, PermissionSet.Name FROM PermissionSetAssignment WHERE PermissionSet.PermissionsModifyAllData = true AND Assignee.IsActive = true LIMIT ${most}`,
  },
  flows: {
    step: 'looking for flows that do not run',
    soql: () =>
      `SELECT ApiName, Label, IsActive, IsOutOfDate FROM FlowDefinitionView WHERE NamespacePrefix = null LIMIT ${most}`,
  },
  certificates: {
    step: 'reading the certificates',
    tooling: true,
    soql: () => 'SELECT DeveloperName, ExpirationDate FROM Certificate',
  },
} as const satisfies Readonly<Record<string, Source>>

export type SourceName = keyof typeof SOURCES
