/**
 * Types that have no files of their own: they are elements in the file of another, or files beside it in a project in
 * source format. Facts from the same registry as the table of types.
 */
export interface ChildType {
  readonly parent: string
  readonly element: string
}

const table = `
AIScoringModelDefVersion AIScoringModelDefinition aiScoringModelDefVersions
AssignmentRule AssignmentRules assignmentRule
AutoResponseRule AutoResponseRules autoResponseRule
BotVersion Bot botVersions
BusinessProcess CustomObject businessProcesses
CompactLayout CustomObject compactLayouts
CustomField CustomObject fields
CustomFieldTranslation CustomObjectTranslation fields
CustomLabel CustomLabels labels
DigitalExperience DigitalExperienceBundle digitalExperiences
EscalationRule EscalationRules escalationRule
FieldSet CustomObject fieldSets
FormSection Form formSections
Index CustomObject indexes
ListView CustomObject listViews
ManagedTopic ManagedTopics managedTopics
MatchingRule MatchingRules matchingRules
MktDataTranField MktDataTranObject mktDataTranFields
RecordType CustomObject recordTypes
SharingCriteriaRule SharingRules sharingCriteriaRules
SharingGuestRule SharingRules sharingGuestRules
SharingOwnerRule SharingRules sharingOwnerRules
SharingReason CustomObject sharingReasons
SharingTerritoryRule SharingRules sharingTerritoryRules
ValidationRule CustomObject validationRules
WebLink CustomObject webLinks
WorkSkillRoutingAttribute WorkSkillRouting workSkillRoutingAttributes
WorkflowAlert Workflow alerts
WorkflowFieldUpdate Workflow fieldUpdates
WorkflowFlowAction Workflow flowActions
WorkflowKnowledgePublish Workflow knowledgePublishes
WorkflowOutboundMessage Workflow outboundMessages
WorkflowRule Workflow rules
WorkflowSend Workflow send
WorkflowTask Workflow tasks
extDataTranFieldTemplate ExtDataTranObjectTemplate extDataTranFieldTemplates
`

const childTypes: ReadonlyMap<string, ChildType> = new Map(
  table
    .trim()
    .split('\n')
    .map((row) => {
      const [name = '', parent = '', element = ''] = row.split(' ')
      return [name, { parent, element }]
    }),
)

export function childTypeNamed(name: string): ChildType | undefined {
  return childTypes.get(name)
}
