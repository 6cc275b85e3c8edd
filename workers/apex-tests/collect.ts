/** What an org has kept of a test run that is over. */
import type { Org } from '../salesforce/org.ts'
import type { ClassCoverage, MethodResult } from './method.ts'

interface ResultRow {
  readonly QueueItemId: string | null
  readonly MethodName: string
  readonly Outcome: string
  readonly Message: string | null
  readonly StackTrace: string | null
  readonly RunTime: number | null
  readonly ApexClass: Named | null
}

interface Named {
  readonly Name: string
  readonly NamespacePrefix?: string | null
}

interface ItemRow {
  readonly Id: string
  readonly Status: string
  readonly ExtendedStatus: string | null
  readonly ApexClass: Named | null
}

export async function resultsOf(org: Org, runId: string): Promise<readonly MethodResult[]> {
  const fields =
    'Id, QueueItemId, MethodName, Outcome, Message, StackTrace, RunTime, ApexClass.Name, ApexClass.NamespacePrefix'
  const results: MethodResult[] = []
  const seen = new Set<string>()
  const soql = `SELECT ${fields} FROM ApexTestResult WHERE AsyncApexJobId = '${runId}' ORDER BY Id`
  for await (const { rows } of org.tooling.pages<ResultRow>(soql)) {
    for (const row of rows) {
      if (row.QueueItemId !== null) seen.add(row.QueueItemId)
      results.push(resultOf(row))
    }
  }
  return [...results, ...(await neverRun(org, runId, seen))]
}

/** Classes that failed before any of their methods ran, such as those that do not compile any more. */
async function neverRun(org: Org, runId: string, seen: ReadonlySet<string>): Promise<readonly MethodResult[]> {
  const items = await org.data.query<ItemRow>(
    `SELECT Id, Status, ExtendedStatus, ApexClass.Name, ApexClass.NamespacePrefix FROM ApexTestQueueItem WHERE ParentJobId = '${runId}' AND Status = 'Failed'`,
  )
  return items
    .filter(({ Id }) => !seen.has(Id))
    .map(({ ApexClass, ExtendedStatus }) => ({
      className: nameOf(ApexClass),
      method: '(class)',
      outcome: 'fail',
      seconds: 0,
      message: ExtendedStatus ?? 'the class could not be run',
      stackTrace: null,
    }))
}

function resultOf({ MethodName, Outcome, Message, StackTrace, RunTime, ApexClass }: ResultRow): MethodResult {
  return {
    className: nameOf(ApexClass),
    method: MethodName,
    outcome: Outcome === 'Pass' ? 'pass' : Outcome === 'Skip' ? 'skip' : 'fail',
    seconds: (RunTime ?? 0) / 1_000,
    message: Message,
    stackTrace: StackTrace,
  }
}

function nameOf(apexClass: Named | null): string {
  if (!apexClass) return '(unknown class)'
  const { Name, NamespacePrefix } = apexClass
  return NamespacePrefix ? `${NamespacePrefix}.${Name}` : Name
}

export interface Covered extends ClassCoverage {
  /** Of a detailed coverage. */
  readonly uncoveredLines?: readonly number[]
}

interface CoverageRow {
  readonly ApexClassOrTriggerId: string
  readonly ApexClassOrTrigger: { readonly Name: string } | null
  readonly NumLinesCovered: number | null
  readonly NumLinesUncovered: number | null
  readonly Coverage?: { readonly uncoveredLines?: readonly number[] } | null
}

export interface OrgCoverage {
  readonly classes: readonly Covered[]
  /** As the org counts it, which says what it may deploy. */
  readonly percent: number | null
}

/** Of the whole org, as it is after the run. */
export async function coverageIn(org: Org, isDetailed: boolean): Promise<OrgCoverage> {
  const fields = `ApexClassOrTriggerId, ApexClassOrTrigger.Name, NumLinesCovered, NumLinesUncovered${isDetailed ? ', Coverage' : ''}`
  const rows = await org.tooling.query<CoverageRow>(`SELECT ${fields} FROM ApexCodeCoverageAggregate`)
  const [whole] = await org.tooling.query<{ PercentCovered: number | null }>(
    'SELECT PercentCovered FROM ApexOrgWideCoverage',
  )
  return {
    classes: rows.filter(({ ApexClassOrTrigger }) => ApexClassOrTrigger).map(coveredOf),
    percent: whole?.PercentCovered ?? null,
  }
}

const triggerPrefix = '01q'

function coveredOf(row: CoverageRow): Covered {
  const { ApexClassOrTriggerId, ApexClassOrTrigger, NumLinesCovered, NumLinesUncovered, Coverage } = row
  const uncovered = NumLinesUncovered ?? 0
  return {
    name: ApexClassOrTrigger?.Name ?? '',
    kind: ApexClassOrTriggerId.startsWith(triggerPrefix) ? 'trigger' : 'class',
    lines: (NumLinesCovered ?? 0) + uncovered,
    uncovered,
    ...(Coverage?.uncoveredLines && { uncoveredLines: Coverage.uncoveredLines }),
  }
}
