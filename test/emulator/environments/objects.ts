import type { FieldDraft } from '../rows/define.ts'
import type { RowStore } from '../rows/store.ts'

/** What Salesforce fills in by itself. */
const theirs = (type: 'string' | 'picklist' | 'date' | 'datetime' | 'int' | 'textarea'): FieldDraft => ({
  type,
  createable: false,
  updateable: false,
})

/** The objects with which orgs are made: scratch orgs by a Dev Hub, sandboxes by a production org. */
export function defineEnvironmentObjects(rows: RowStore): void {
  rows.define(
    'ScratchOrgInfo',
    {
      Edition: { type: 'picklist', required: true },
      DurationDays: { type: 'int', defaultValue: 7 },
      Features: { type: 'textarea' },
      OrgName: 'string',
      Description: 'textarea',
      AdminEmail: 'email',
      Username: 'string',
      Country: 'string',
      Language: 'string',
      Namespace: 'string',
      HasSampleData: 'boolean',
      Snapshot: 'string',
      SourceOrg: 'string',
      Release: 'picklist',
      ConnectedAppConsumerKey: 'string',
      ConnectedAppCallbackUrl: 'string',
      Status: { type: 'picklist', defaultValue: 'New', createable: false, updateable: false },
      ErrorCode: theirs('string'),
      LoginUrl: theirs('string'),
      SignupUsername: theirs('string'),
      SignupInstance: theirs('string'),
      AuthCode: theirs('textarea'),
      ScratchOrg: theirs('string'),
      ExpirationDate: theirs('date'),
      DeletedDate: theirs('datetime'),
      // As Dev Hubs with pools have them.
      Pooltag__c: 'string',
      Allocation_status__c: 'picklist',
    },
    { keyPrefix: '2SR', owned: true },
  )
  rows.define(
    'ActiveScratchOrg',
    {
      ScratchOrgInfoId: { type: 'reference', referenceTo: ['ScratchOrgInfo'] },
      ScratchOrg: theirs('string'),
      SignupUsername: theirs('string'),
      OrgName: theirs('string'),
      Edition: theirs('picklist'),
      ExpirationDate: theirs('date'),
    },
    { keyPrefix: '2So', owned: true, createable: false },
  )
  const copied: Readonly<Record<string, FieldDraft>> = {
    Description: 'textarea',
    LicenseType: 'picklist',
    SourceId: 'string',
    ActivationUserGroupId: 'string',
    ApexClassId: 'string',
    AutoActivate: 'boolean',
    HistoryDays: 'int',
    CopyChatter: 'boolean',
    TemplateId: 'string',
    Features: 'string',
  }
  rows.define(
    'SandboxInfo',
    { SandboxName: { type: 'string', length: 10, required: true, unique: true }, ...copied },
    { keyPrefix: '0GQ', api: 'tooling' },
  )
  rows.define(
    'SandboxProcess',
    {
      SandboxInfoId: { type: 'reference', referenceTo: ['SandboxInfo'] },
      SandboxName: theirs('string'),
      ...copied,
      Status: { type: 'picklist', defaultValue: 'Pending', createable: false, updateable: false },
      CopyProgress: theirs('int'),
      SandboxOrganization: theirs('string'),
      StartDate: theirs('datetime'),
      EndDate: theirs('datetime'),
      ActivatedDate: theirs('datetime'),
      RefreshAction: 'picklist',
    },
    { keyPrefix: '0GR', api: 'tooling', createable: false, deletable: false },
  )
}
