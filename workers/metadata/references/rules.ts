/**
 * Where files of XML name other components, as data: the type, the path of elements below its root (`**` for any depth),
 * what is named there, and how: by its name alone; `own`, a field of the object that the file belongs to; `qualified`, a
 * field with its object; `formula`, fields of that object in a formula; `component`, `c:name` of either framework.
 */
const table = `
ApexTestSuite testClassName ApexClass
ApprovalProcess approvalPageFields/field CustomField own
ApprovalProcess **/criteriaItems/field CustomField qualified
CompactLayout fields CustomField own
CustomApplication tabs CustomTab
CustomApplication utilityBar FlexiPage
CustomField formula CustomField formula
CustomField lookupFilter/filterItems/field CustomField qualified
CustomField referenceTo CustomObject
CustomField summarizedField CustomField qualified
CustomField summaryForeignKey CustomField qualified
CustomField valueSet/controllingField CustomField own
CustomField valueSet/valueSetName GlobalValueSet
CustomMetadata values/field CustomField own
CustomObject searchLayouts/customTabListAdditionalFields CustomField own
CustomObject searchLayouts/lookupDialogsAdditionalFields CustomField own
CustomObject searchLayouts/lookupPhoneDialogsAdditionalFields CustomField own
CustomObject searchLayouts/lookupFilterFields CustomField own
CustomObject searchLayouts/searchFilterFields CustomField own
CustomObject searchLayouts/searchResultsAdditionalFields CustomField own
CustomObjectTranslation fields/name CustomField own
CustomPermission requiredPermission/customPermission CustomPermission
CustomTab auraComponent AuraDefinitionBundle
CustomTab flexiPage FlexiPage
CustomTab lwcComponent LightningComponentBundle
CustomTab page ApexPage
FieldSet availableFields/field CustomField own
FieldSet displayedFields/field CustomField own
FlexiPage **/componentName Component component
FlexiPage **/fieldItem CustomField own
FlexiPage sobjectType CustomObject
Flow subflows/flowName Flow
Index fields/name CustomField own
Layout **/layoutItems/field CustomField own
Layout **/layoutItems/page ApexPage
Layout miniLayout/fields CustomField own
Layout relatedLists/relatedList CustomField qualified
ListView columns CustomField own
ListView filters/field CustomField own
MatchingRules matchingRules/matchingRuleItems/fieldName CustomField own
MutingPermissionSet classAccesses/apexClass ApexClass
MutingPermissionSet fieldPermissions/field CustomField qualified
MutingPermissionSet objectPermissions/object CustomObject
PermissionSet applicationVisibilities/application CustomApplication
PermissionSet classAccesses/apexClass ApexClass
PermissionSet customMetadataTypeAccesses/name CustomObject
PermissionSet customPermissions/name CustomPermission
PermissionSet customSettingAccesses/name CustomObject
PermissionSet fieldPermissions/field CustomField qualified
PermissionSet flowAccesses/flow Flow
PermissionSet objectPermissions/object CustomObject
PermissionSet pageAccesses/apexPage ApexPage
PermissionSet recordTypeVisibilities/recordType RecordType
PermissionSet tabSettings/tab CustomTab
PermissionSetGroup permissionSets PermissionSet
Profile applicationVisibilities/application CustomApplication
Profile classAccesses/apexClass ApexClass
Profile customMetadataTypeAccesses/name CustomObject
Profile customPermissions/name CustomPermission
Profile customSettingAccesses/name CustomObject
Profile fieldPermissions/field CustomField qualified
Profile flowAccesses/flow Flow
Profile layoutAssignments/layout Layout
Profile layoutAssignments/recordType RecordType
Profile objectPermissions/object CustomObject
Profile pageAccesses/apexPage ApexPage
Profile recordTypeVisibilities/recordType RecordType
Profile tabVisibilities/tab CustomTab
QuickAction **/quickActionLayoutItems/field CustomField own
QuickAction fieldOverrides/field CustomField own
QuickAction flowDefinition Flow
QuickAction lightningComponent AuraDefinitionBundle
QuickAction lightningWebComponent LightningComponentBundle
QuickAction page ApexPage
QuickAction targetObject CustomObject
RecordType picklistValues/picklist CustomField own
Report columns/field CustomField qualified
SharingRules **/criteriaItems/field CustomField own
ValidationRule errorConditionFormula CustomField formula
ValidationRule errorDisplayField CustomField own
Workflow fieldUpdates/field CustomField own
Workflow rules/criteriaItems/field CustomField qualified
Workflow rules/formula CustomField formula
`

export type How = 'name' | 'own' | 'qualified' | 'formula' | 'component'

export interface ReferenceRule {
  readonly path: readonly string[]
  readonly target: string
  readonly how: How
}

const rules: ReadonlyMap<string, readonly ReferenceRule[]> = new Map(
  [...Map.groupBy(table.trim().split('\n'), (row) => row.slice(0, row.indexOf(' ')))].map(([type, rows]) => [
    type,
    rows.map(ruleOf),
  ]),
)

function ruleOf(row: string): ReferenceRule {
  const [, path = '', target = '', how = 'name'] = row.split(' ')
  return { path: path.split('/'), target, how: how as How }
}

export function rulesFor(type: string): readonly ReferenceRule[] {
  return rules.get(type) ?? []
}
