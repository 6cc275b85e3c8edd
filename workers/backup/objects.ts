/** Which objects of an org are backed up, decided from what describeGlobal says of them. */

/** What describeGlobal says of one object, as far as it is asked. */
export interface GlobalObject {
  readonly name: string
  readonly queryable: boolean
  readonly retrieveable?: boolean
  readonly deprecatedAndHidden?: boolean
  readonly replicateable?: boolean
}

/** Names, in which `*` stands for any characters. */
export interface Selection {
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
}

export interface Chosen {
  readonly objects: readonly string[]
  /** Those that were asked for and cannot be had, each with the reason. */
  readonly refused: readonly { readonly name: string; readonly why: string }[]
}

/**
 * Written by the platform beside other objects, or living elsewhere: no data of the org's own. Of test runs, too, which a
 * restore would begin again.
 */
const derived =
  /(?:History|Share|Feed|ChangeEvent|Tag|ViewStat|VoteStat|__e|__x|__xo|__b|__mdt|__kav|__ka)$|^ApexTest(?:QueueItem|Result|ResultLimits|RunResult)$/

/** They answer only to queries with a filter of their own kind; ContentDocumentLink is asked for in that way. */
const needFilter = new Set(
  `AppTabMember ApexPageInfo ApexTypeImplementor AuraDefinitionBundleInfo CollaborationGroupRecord ColorDefinition
  ContentDocumentLink ContentDocumentSubscription ContentFolderItem ContentFolderMember ContentHubItem DataStatistics
  DataType DatacloudAddress EmbeddedServiceDetail EmbeddedServiceLabel EntityDefinition EntityParticle FieldDefinition
  FlexQueueItem FlowDefinitionView FlowTestView FlowVariableView FlowVersionView IconDefinition IdeaComment
  ListViewChartInstance OutgoingEmail OutgoingEmailRelation OwnerChangeOptionInfo PicklistValueInfo PlatformAction
  Publisher RecentlyViewed RelationshipDomain RelationshipInfo SearchLayout SiteDetail UserAppMenuItem
  UserEntityAccess UserFieldAccess UserRecordAccess UserSetupEntityAccess Vote`.split(/\s+/),
)

/** In the order of their names. Without `include` all that hold data; who is named is taken whatever its name is like. */
export function chooseObjects(all: readonly GlobalObject[], { include, exclude = [] }: Selection = {}): Chosen {
  const isExcluded = matcherOf(exclude)
  const isNamed = new Set(include)
  const isIncluded = include ? matcherOf(include) : () => true
  const wanted = all.filter(({ name }) => isIncluded(name) && !isExcluded(name))
  const objects = wanted.filter((one) => !whyNot(one, isNamed.has(one.name))).map(({ name }) => name)
  return { objects: objects.sort(), refused: refusedOf(all, wanted, include ?? []) }
}

/** Of these names those that are chosen. */
export function chooseNames(names: readonly string[], { include, exclude = [] }: Selection = {}): string[] {
  const isIncluded = include ? matcherOf(include) : () => true
  const isExcluded = matcherOf(exclude)
  return names.filter((name) => isIncluded(name) && !isExcluded(name))
}

function refusedOf(all: readonly GlobalObject[], wanted: readonly GlobalObject[], include: readonly string[]) {
  const byName = new Map(all.map((one) => [one.name, one]))
  const isWanted = new Set(wanted.map(({ name }) => name))
  return include
    .filter((name) => !name.includes('*'))
    .flatMap((name) => {
      const object = byName.get(name)
      if (!object) return [{ name, why: 'the org has no such object, or its user must not see it' }]
      const why = isWanted.has(name) ? whyNot(object, true) : undefined
      return why ? [{ name, why }] : []
    })
}

function whyNot(object: GlobalObject, isNamed: boolean): string | undefined {
  if (!object.queryable) return 'it cannot be queried'
  if (object.retrieveable === false) return 'it cannot be retrieved'
  if (object.deprecatedAndHidden) return 'it is deprecated and hidden'
  if (needFilter.has(object.name)) return 'it answers only to queries with a filter'
  return !isNamed && derived.test(object.name) ? 'the platform derives it from other objects' : undefined
}

function matcherOf(patterns: readonly string[]): (name: string) => boolean {
  const names = new Set(patterns.filter((pattern) => !pattern.includes('*')))
  const shapes = patterns.filter((pattern) => pattern.includes('*')).map(shapeOf)
  return (name) => names.has(name) || shapes.some((shape) => shape.test(name))
}

function shapeOf(pattern: string): RegExp {
  const parts = pattern.split(/\*+/).map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`)
}
