import type { FieldDraft } from './define.ts'
import type { RowError, RowStore, Values } from './store.ts'

const name: FieldDraft = { type: 'string', required: true }

/** Who may do what: users, profiles, groups, permissions, and the org itself. */
export function defineSetupObjects(rows: RowStore): void {
  rows.define(
    'Organization',
    {
      Name: name,
      OrganizationType: 'picklist',
      IsSandbox: 'boolean',
      InstanceName: 'string',
      TrialExpirationDate: 'datetime',
      NamespacePrefix: 'string',
      LanguageLocaleKey: 'picklist',
    },
    { keyPrefix: '00D', createable: false, deletable: false },
  )
  rows.define(
    'User',
    {
      Username: { type: 'string', required: true, unique: true, length: 80 },
      FirstName: { type: 'string', length: 40 },
      LastName: { type: 'string', required: true, length: 80 },
      Name: { type: 'string', calculated: true },
      Email: { type: 'email', required: true },
      Alias: { type: 'string', length: 8 },
      IsActive: { type: 'boolean', defaultValue: true },
      LastLoginDate: { type: 'datetime', createable: false, updateable: false },
      UserType: { type: 'picklist', createable: false, updateable: false, defaultValue: 'Standard' },
      ProfileId: { type: 'reference', referenceTo: ['Profile'] },
      UserRoleId: { type: 'reference', referenceTo: ['UserRole'] },
      ManagerId: { type: 'reference', referenceTo: ['User'] },
    },
    { keyPrefix: '005', deletable: false, api: 'both' },
  )
  rows.define(
    'Profile',
    { Name: name, UserType: 'picklist' },
    { keyPrefix: '00e', createable: false, deletable: false },
  )
  rows.define('UserRole', { Name: name, DeveloperName: 'string' }, { keyPrefix: '00E' })
  rows.define(
    'Group',
    {
      Name: { type: 'string', length: 40 },
      DeveloperName: 'string',
      Type: { type: 'picklist', defaultValue: 'Regular' },
    },
    { keyPrefix: '00G' },
  )
  rows.define(
    'GroupMember',
    {
      GroupId: { type: 'reference', referenceTo: ['Group'], required: true, cascade: true, updateable: false },
      UserOrGroupId: { type: 'reference', referenceTo: ['User', 'Group'], required: true, updateable: false },
    },
    { keyPrefix: '011' },
  )
  rows.define(
    'PermissionSet',
    {
      Name: name,
      Label: 'string',
      NamespacePrefix: 'string',
      IsOwnedByProfile: 'boolean',
      PermissionsModifyAllData: 'boolean',
    },
    { keyPrefix: '0PS' },
  )
  rows.define(
    'PermissionSetAssignment',
    {
      PermissionSetId: { type: 'reference', referenceTo: ['PermissionSet'], required: true, updateable: false },
      AssigneeId: { type: 'reference', referenceTo: ['User'], required: true, updateable: false },
    },
    { keyPrefix: '0Pa' },
  )
  rows.define(
    'RecordType',
    { Name: name, DeveloperName: 'string', SobjectType: 'picklist', IsActive: { type: 'boolean', defaultValue: true } },
    { keyPrefix: '012', api: 'both' },
  )
  rows.define(
    'SetupAuditTrail',
    { Action: 'string', Section: 'string', Display: 'string' },
    { keyPrefix: '0Ym', createable: false, deletable: false },
  )
  rows.hook('PermissionSetAssignment', {
    check: (row, operation) => (operation === 'insert' ? twiceIn(rows, row) : null),
  })
  rows.hook('User', { derived: ({ FirstName, LastName }) => ({ Name: fullName(FirstName, LastName) }) })
}

/** Nobody has the same permission set twice. */
function twiceIn(rows: RowStore, { PermissionSetId, AssigneeId }: Values): RowError | null {
  const isThere = rows
    .all('PermissionSetAssignment')
    .some((one) => one.PermissionSetId === PermissionSetId && one.AssigneeId === AssigneeId)
  const message = 'Duplicate PermissionSetAssignment. Assignee and PermissionSet already exist.'
  return isThere ? { statusCode: 'DUPLICATE_VALUE', message, fields: ['AssigneeId', 'PermissionSetId'] } : null
}

export function fullName(...parts: readonly unknown[]): string {
  return parts.filter((part) => typeof part === 'string' && part !== '').join(' ')
}
