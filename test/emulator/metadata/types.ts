/** What the Metadata API says of a type: where its files lie in a package, and what it is made of. */
export interface MetadataType {
  readonly xmlName: string
  readonly directoryName: string
  readonly suffix?: string
  readonly inFolder?: true
  /** Its source has a `-meta.xml` beside it. */
  readonly metaFile?: true
  /** A component of it is a folder of files. */
  readonly isBundle?: true
  /** Types whose components live as elements in its files, by the element's name. */
  readonly children?: Readonly<Record<string, string>>
  /** The first letters of the ids of its components. */
  readonly keyPrefix?: string
}

export const metadataTypes: readonly MetadataType[] = [
  { xmlName: 'ApexClass', directoryName: 'classes', suffix: 'cls', metaFile: true, keyPrefix: '01p' },
  { xmlName: 'ApexTrigger', directoryName: 'triggers', suffix: 'trigger', metaFile: true, keyPrefix: '01q' },
  { xmlName: 'ApexPage', directoryName: 'pages', suffix: 'page', metaFile: true, keyPrefix: '066' },
  { xmlName: 'ApexComponent', directoryName: 'components', suffix: 'component', metaFile: true, keyPrefix: '099' },
  { xmlName: 'StaticResource', directoryName: 'staticresources', suffix: 'resource', metaFile: true, keyPrefix: '081' },
  { xmlName: 'AuraDefinitionBundle', directoryName: 'aura', isBundle: true, keyPrefix: '0Ab' },
  { xmlName: 'LightningComponentBundle', directoryName: 'lwc', isBundle: true, keyPrefix: '0Rb' },
  {
    xmlName: 'CustomObject',
    directoryName: 'objects',
    suffix: 'object',
    keyPrefix: '01I',
    children: {
      fields: 'CustomField',
      validationRules: 'ValidationRule',
      recordTypes: 'RecordType',
      listViews: 'ListView',
      webLinks: 'WebLink',
      fieldSets: 'FieldSet',
      compactLayouts: 'CompactLayout',
      businessProcesses: 'BusinessProcess',
      sharingReasons: 'SharingReason',
    },
  },
  {
    xmlName: 'CustomLabels',
    directoryName: 'labels',
    suffix: 'labels',
    children: { labels: 'CustomLabel' },
  },
  {
    xmlName: 'Workflow',
    directoryName: 'workflows',
    suffix: 'workflow',
    children: {
      rules: 'WorkflowRule',
      alerts: 'WorkflowAlert',
      fieldUpdates: 'WorkflowFieldUpdate',
      tasks: 'WorkflowTask',
    },
  },
  { xmlName: 'CustomApplication', directoryName: 'applications', suffix: 'app' },
  { xmlName: 'CustomTab', directoryName: 'tabs', suffix: 'tab' },
  { xmlName: 'CustomMetadata', directoryName: 'customMetadata', suffix: 'md' },
  { xmlName: 'CustomPermission', directoryName: 'customPermissions', suffix: 'customPermission' },
  { xmlName: 'Layout', directoryName: 'layouts', suffix: 'layout', keyPrefix: '00h' },
  { xmlName: 'FlexiPage', directoryName: 'flexipages', suffix: 'flexipage' },
  { xmlName: 'QuickAction', directoryName: 'quickActions', suffix: 'quickAction' },
  { xmlName: 'Flow', directoryName: 'flows', suffix: 'flow', keyPrefix: '301' },
  { xmlName: 'FlowDefinition', directoryName: 'flowDefinitions', suffix: 'flowDefinition', keyPrefix: '300' },
  { xmlName: 'ApprovalProcess', directoryName: 'approvalProcesses', suffix: 'approvalProcess' },
  { xmlName: 'AssignmentRules', directoryName: 'assignmentRules', suffix: 'assignmentRules' },
  { xmlName: 'SharingRules', directoryName: 'sharingRules', suffix: 'sharingRules' },
  { xmlName: 'DuplicateRule', directoryName: 'duplicateRules', suffix: 'duplicateRule' },
  { xmlName: 'Profile', directoryName: 'profiles', suffix: 'profile', keyPrefix: '00e' },
  { xmlName: 'PermissionSet', directoryName: 'permissionsets', suffix: 'permissionset', keyPrefix: '0PS' },
  { xmlName: 'PermissionSetGroup', directoryName: 'permissionsetgroups', suffix: 'permissionsetgroup' },
  { xmlName: 'Role', directoryName: 'roles', suffix: 'role' },
  { xmlName: 'Group', directoryName: 'groups', suffix: 'group' },
  { xmlName: 'Queue', directoryName: 'queues', suffix: 'queue' },
  { xmlName: 'GlobalValueSet', directoryName: 'globalValueSets', suffix: 'globalValueSet' },
  { xmlName: 'StandardValueSet', directoryName: 'standardValueSets', suffix: 'standardValueSet' },
  { xmlName: 'Translations', directoryName: 'translations', suffix: 'translation' },
  { xmlName: 'RemoteSiteSetting', directoryName: 'remoteSiteSettings', suffix: 'remoteSite' },
  { xmlName: 'NamedCredential', directoryName: 'namedCredentials', suffix: 'namedCredential' },
  { xmlName: 'ConnectedApp', directoryName: 'connectedApps', suffix: 'connectedApp' },
  { xmlName: 'ApexTestSuite', directoryName: 'testSuites', suffix: 'testSuite', keyPrefix: '05F' },
  { xmlName: 'CspTrustedSite', directoryName: 'cspTrustedSites', suffix: 'cspTrustedSite' },
  { xmlName: 'CustomSite', directoryName: 'sites', suffix: 'site' },
  { xmlName: 'Network', directoryName: 'networks', suffix: 'network' },
  { xmlName: 'DigitalExperienceConfig', directoryName: 'digitalExperienceConfigs', suffix: 'digitalExperienceConfig' },
  { xmlName: 'Settings', directoryName: 'settings', suffix: 'settings' },
  { xmlName: 'ReportType', directoryName: 'reportTypes', suffix: 'reportType' },
  { xmlName: 'InstalledPackage', directoryName: 'installedPackages', suffix: 'installedPackage' },
  { xmlName: 'Report', directoryName: 'reports', suffix: 'report', inFolder: true, keyPrefix: '00O' },
  { xmlName: 'Dashboard', directoryName: 'dashboards', suffix: 'dashboard', inFolder: true, keyPrefix: '01Z' },
  { xmlName: 'Document', directoryName: 'documents', inFolder: true, metaFile: true, keyPrefix: '015' },
  { xmlName: 'EmailTemplate', directoryName: 'email', suffix: 'email', inFolder: true, metaFile: true },
]

const byName = new Map(metadataTypes.map((type) => [type.xmlName, type]))
const byDirectory = new Map(metadataTypes.map((type) => [type.directoryName, type]))
const parents = new Map(
  metadataTypes.flatMap((parent) =>
    Object.entries(parent.children ?? {}).map(([element, child]) => [child, { parent, element }] as const),
  ),
)

export function typeNamed(xmlName: string): MetadataType | undefined {
  return byName.get(xmlName)
}

export function typeOfDirectory(directoryName: string): MetadataType | undefined {
  return byDirectory.get(directoryName)
}

/** Where components of a child type live: `CustomField` as `<fields>` in files of `CustomObject`. */
export function parentOf(childType: string): { readonly parent: MetadataType; readonly element: string } | undefined {
  return parents.get(childType)
}

/** The answer to `describeMetadata`. */
export function describeTypes(): object {
  const metadataObjects = metadataTypes.map((type) => ({
    childXmlNames: Object.values(type.children ?? {}),
    directoryName: type.directoryName,
    inFolder: type.inFolder ?? false,
    metaFile: type.metaFile ?? false,
    suffix: type.suffix,
    xmlName: type.xmlName,
  }))
  return { metadataObjects, organizationNamespace: '', partialSaveAllowed: true, testRequired: false }
}
