import type { EmulatedOrg } from '../org.ts'
import type { FieldDraft, ObjectOptions } from '../rows/define.ts'

type Fields = Readonly<Record<string, FieldDraft>>

/** Never by a client: Salesforce writes these rows itself. */
const own = { api: 'tooling', createable: false, updateable: false, deletable: false } as const

const apexClass: FieldDraft = { type: 'reference', referenceTo: ['ApexClass'] }
const apexSource: Fields = {
  Name: 'string',
  NamespacePrefix: 'string',
  ApiVersion: 'double',
  Status: { type: 'picklist', defaultValue: 'Active' },
  Body: { type: 'textarea', length: 1_000_000 },
  LengthWithoutComments: 'int',
}
const member: Fields = {
  MetadataContainerId: { type: 'reference', referenceTo: ['MetadataContainer'], required: true },
  ContentEntityId: { type: 'string', required: true },
  Body: { type: 'textarea', length: 1_000_000, required: true },
}

const objects: Readonly<Record<string, readonly [Fields, ObjectOptions]>> = {
  ApexClass: [apexSource, { keyPrefix: '01p', api: 'both' }],
  ApexTrigger: [
    { ...apexSource, TableEnumOrId: 'string' },
    { keyPrefix: '01q', api: 'both' },
  ],
  DeployRequest: [
    {
      Status: 'picklist',
      Type: { type: 'picklist', defaultValue: 'deploy' },
      CheckOnly: 'boolean',
      IgnoreWarnings: 'boolean',
      RollbackOnError: 'boolean',
      RunTestsEnabled: 'boolean',
      StartDate: 'datetime',
      CompletedDate: 'datetime',
      CanceledById: { type: 'reference', referenceTo: ['User'] },
      NumberComponentsTotal: 'int',
      NumberComponentsDeployed: 'int',
      NumberComponentErrors: 'int',
      NumberTestsTotal: 'int',
      NumberTestsCompleted: 'int',
      NumberTestErrors: 'int',
      StateDetail: 'string',
      ErrorMessage: 'textarea',
    },
    { ...own, keyPrefix: '0Af' },
  ],
  SourceMember: [
    {
      MemberIdOrName: 'string',
      MemberType: 'string',
      MemberName: 'string',
      IsNameObsolete: 'boolean',
      IsNewMember: 'boolean',
      RevisionCounter: 'int',
      RevisionNum: 'int',
      ChangedBy: 'string',
    },
    { ...own, keyPrefix: '0MZ' },
  ],
  AsyncApexJob: [
    { JobType: 'picklist', Status: 'picklist', ApexClassId: apexClass, CompletedDate: 'datetime' },
    { ...own, api: 'both', keyPrefix: '707' },
  ],
  ApexTestRunResult: [
    {
      AsyncApexJobId: { type: 'reference', referenceTo: ['AsyncApexJob'] },
      UserId: { type: 'reference', referenceTo: ['User'] },
      Status: 'picklist',
      JobName: 'string',
      Source: 'string',
      IsAllTests: 'boolean',
      ClassesEnqueued: 'int',
      ClassesCompleted: 'int',
      MethodsEnqueued: 'int',
      MethodsCompleted: 'int',
      MethodsFailed: 'int',
      StartTime: 'datetime',
      EndTime: 'datetime',
      TestTime: 'int',
    },
    { ...own, api: 'both', keyPrefix: '05m' },
  ],
  ApexTestQueueItem: [
    {
      ApexClassId: apexClass,
      Status: 'picklist',
      ExtendedStatus: 'string',
      ParentJobId: { type: 'reference', referenceTo: ['AsyncApexJob'] },
      TestRunResultId: { type: 'reference', referenceTo: ['ApexTestRunResult'] },
    },
    { keyPrefix: '709', api: 'both', deletable: false },
  ],
  ApexTestResult: [
    {
      QueueItemId: { type: 'reference', referenceTo: ['ApexTestQueueItem'] },
      AsyncApexJobId: { type: 'reference', referenceTo: ['AsyncApexJob'] },
      ApexClassId: apexClass,
      ApexLogId: { type: 'reference', referenceTo: ['ApexLog'] },
      ApexTestRunResultId: { type: 'reference', referenceTo: ['ApexTestRunResult'] },
      MethodName: 'string',
      Outcome: 'picklist',
      Message: 'textarea',
      StackTrace: 'textarea',
      RunTime: 'int',
      TestTimestamp: 'datetime',
    },
    { ...own, api: 'both', keyPrefix: '07M' },
  ],
  ApexCodeCoverageAggregate: [
    {
      ApexClassOrTriggerId: { type: 'reference', referenceTo: ['ApexClass'], relationshipName: 'ApexClassOrTrigger' },
      NumLinesCovered: 'int',
      NumLinesUncovered: 'int',
      Coverage: 'complexvalue',
    },
    { ...own, keyPrefix: '715' },
  ],
  ApexCodeCoverage: [
    {
      ApexClassOrTriggerId: { type: 'reference', referenceTo: ['ApexClass'], relationshipName: 'ApexClassOrTrigger' },
      ApexTestClassId: { type: 'reference', referenceTo: ['ApexClass'] },
      TestMethodName: 'string',
      NumLinesCovered: 'int',
      NumLinesUncovered: 'int',
      Coverage: 'complexvalue',
    },
    { ...own, keyPrefix: '714' },
  ],
  ApexOrgWideCoverage: [{ PercentCovered: 'int' }, { ...own, keyPrefix: '716' }],
  MetadataContainer: [{ Name: { type: 'string', required: true, length: 32 } }, { keyPrefix: '1dc', api: 'tooling' }],
  ApexClassMember: [member, { keyPrefix: '400', api: 'tooling' }],
  ApexTriggerMember: [member, { keyPrefix: '401', api: 'tooling' }],
  ContainerAsyncRequest: [
    {
      MetadataContainerId: { type: 'reference', referenceTo: ['MetadataContainer'], required: true },
      IsCheckOnly: 'boolean',
      IsRunTests: 'boolean',
      State: { type: 'picklist', defaultValue: 'Queued' },
      ErrorMsg: 'textarea',
      DeployDetails: 'complexvalue',
    },
    { keyPrefix: '1dr', api: 'tooling', deletable: false },
  ],
  SubscriberPackage: [
    { Name: 'string', NamespacePrefix: 'string', Description: 'textarea' },
    { ...own, keyPrefix: '033' },
  ],
  SubscriberPackageVersion: [
    {
      SubscriberPackageId: { type: 'reference', referenceTo: ['SubscriberPackage'] },
      Name: 'string',
      MajorVersion: 'int',
      MinorVersion: 'int',
      PatchVersion: 'int',
      BuildNumber: 'int',
      InstallationKey: 'string',
      InstallValidationStatus: { type: 'picklist', defaultValue: 'NO_ERRORS_DETECTED' },
      PublisherName: 'string',
      Package2ContainerOptions: { type: 'picklist', defaultValue: 'Unlocked' },
      IsPasswordProtected: 'boolean',
      ReleaseState: { type: 'picklist', defaultValue: 'Released' },
    },
    { ...own, keyPrefix: '04t' },
  ],
  InstalledSubscriberPackage: [
    {
      SubscriberPackageId: { type: 'reference', referenceTo: ['SubscriberPackage'] },
      SubscriberPackageVersionId: { type: 'reference', referenceTo: ['SubscriberPackageVersion'] },
    },
    { ...own, keyPrefix: '0A3' },
  ],
  PackageInstallRequest: [
    {
      SubscriberPackageVersionKey: { type: 'string', required: true },
      Password: 'string',
      SecurityType: 'picklist',
      NameConflictResolution: 'picklist',
      PackageInstallSource: 'picklist',
      UpgradeType: 'picklist',
      ApexCompileType: 'picklist',
      EnableRss: 'boolean',
      SkipHandlers: 'string',
      ProfileMappings: 'complexvalue',
      Status: { type: 'picklist', defaultValue: 'IN_PROGRESS' },
      Errors: 'complexvalue',
    },
    { keyPrefix: '0Hf', api: 'tooling', deletable: false },
  ],
  PackageUninstallRequest: [
    {
      SubscriberPackageVersionId: { type: 'string', required: true },
      Status: { type: 'picklist', defaultValue: 'Queued' },
    },
    { keyPrefix: '06y', api: 'tooling', deletable: false },
  ],
  Package2: [
    { Name: 'string', NamespacePrefix: 'string', ContainerOptions: 'picklist', SubscriberPackageId: 'string' },
    { keyPrefix: '0Ho', api: 'tooling' },
  ],
  Package2Version: [
    {
      Package2Id: { type: 'reference', referenceTo: ['Package2'] },
      SubscriberPackageVersionId: { type: 'reference', referenceTo: ['SubscriberPackageVersion'] },
      Name: 'string',
      Tag: 'string',
      Branch: 'string',
      MajorVersion: 'int',
      MinorVersion: 'int',
      PatchVersion: 'int',
      BuildNumber: 'int',
      CodeCoverage: 'complexvalue',
      HasPassedCodeCoverageCheck: 'boolean',
      ValidationSkipped: 'boolean',
      IsReleased: 'boolean',
    },
    { keyPrefix: '05i', api: 'tooling' },
  ],
  Package2VersionCreateRequest: [
    {
      Package2Id: { type: 'reference', referenceTo: ['Package2'], required: true },
      Package2VersionId: { type: 'reference', referenceTo: ['Package2Version'] },
      SubscriberPackageVersionId: 'string',
      Status: { type: 'picklist', defaultValue: 'Queued' },
      Tag: 'string',
      Branch: 'string',
      InstallKey: 'string',
      Language: 'string',
      CalculateCodeCoverage: 'boolean',
      SkipValidation: 'boolean',
      AsyncValidation: 'boolean',
      VersionInfo: 'base64',
    },
    { keyPrefix: '08c', api: 'tooling', deletable: false },
  ],
  Package2VersionCreateRequestError: [
    {
      ParentRequestId: { type: 'reference', referenceTo: ['Package2VersionCreateRequest'] },
      Message: 'textarea',
    },
    { ...own, keyPrefix: '0Bw' },
  ],
  SecurityHealthCheck: [
    { Score: 'string', CustomBaselineId: 'string' },
    { ...own, keyPrefix: '0Ux' },
  ],
  SecurityHealthCheckRisks: [
    {
      RiskType: 'picklist',
      SettingRiskCategory: 'picklist',
      Setting: 'string',
      SettingGroup: 'string',
      OrgValue: 'string',
      StandardValue: 'string',
    },
    { ...own, keyPrefix: '0Uy' },
  ],
  FlowDefinition: [
    {
      DeveloperName: 'string',
      MasterLabel: 'string',
      NamespacePrefix: 'string',
      ActiveVersionId: { type: 'reference', referenceTo: ['Flow'] },
      LatestVersionId: { type: 'reference', referenceTo: ['Flow'] },
    },
    { keyPrefix: '300', api: 'tooling' },
  ],
  FlowDefinitionView: [
    {
      ApiName: 'string',
      Label: 'string',
      ProcessType: 'picklist',
      TriggerType: 'picklist',
      NamespacePrefix: 'string',
      ActiveVersionId: 'string',
      LatestVersionId: 'string',
      VersionNumber: 'int',
      IsActive: 'boolean',
      IsOutOfDate: 'boolean',
      IsTemplate: 'boolean',
      ManageableState: { type: 'picklist', defaultValue: 'unmanaged' },
    },
    { ...own, api: 'both', keyPrefix: '3dd' },
  ],
  Certificate: [
    { DeveloperName: 'string', MasterLabel: 'string', ExpirationDate: 'datetime', KeySize: 'int' },
    { ...own, keyPrefix: '0P1' },
  ],
}

/** The objects of the Tooling API, and those that administrators look at. Objects that are there already stay. */
export function defineToolingObjects({ rows, tracksSource }: EmulatedOrg): void {
  for (const [name, [fields, options]] of Object.entries(objects)) {
    const isKnown = name !== 'SourceMember' || tracksSource
    if (isKnown && !rows.definition(name)) rows.define(name, fields, options)
  }
}
