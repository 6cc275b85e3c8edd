import { type ClassCoverage, coverageOf } from '../metadata/apex.ts'
import type { EmulatedOrg } from '../org.ts'
import type { Row } from '../rows/store.ts'
import { complex, type Values } from './steps.ts'
import { sourcesOf } from './test-request.ts'

/** What these results covered: of each class, and of each class by each method whose class speaks of it. */
export function keepCoverage(org: EmulatedOrg, results: readonly Row[]): void {
  const { rows, deployRules } = org
  const sources = sourcesOf(org)
  const bodies = new Map(sources.map(({ id, body }) => [id, body]))
  for (const coverage of coverageOf(sources, deployRules)) {
    const values = valuesOf(coverage)
    const [known] = rows.lookup('ApexCodeCoverageAggregate', 'ApexClassOrTriggerId', coverage.id)
    if (known) rows.update('ApexCodeCoverageAggregate', known.Id, values)
    else rows.insert('ApexCodeCoverageAggregate', values)
    for (const { ApexClassId = null, MethodName = null } of results) {
      if (!bodies.get(String(ApexClassId))?.includes(coverage.name)) continue
      rows.insert('ApexCodeCoverage', { ...values, ApexTestClassId: ApexClassId, TestMethodName: MethodName })
    }
  }
}

/** The percentage of the whole org, worked out when somebody looks at it. */
export function orgWide({ rows }: EmulatedOrg, row: Row): Row {
  const aggregates = rows.all('ApexCodeCoverageAggregate')
  const covered = aggregates.reduce((sum, { NumLinesCovered }) => sum + Number(NumLinesCovered), 0)
  const all = aggregates.reduce((sum, { NumLinesUncovered }) => sum + Number(NumLinesUncovered), covered)
  if (all === 0) return row
  rows.update('ApexOrgWideCoverage', row.Id, { PercentCovered: Math.floor((100 * covered) / all) })
  return rows.get('ApexOrgWideCoverage', row.Id) ?? row
}

function valuesOf({ id, lines, uncovered }: ClassCoverage): Values {
  const covered = Array.from({ length: lines }, (_, index) => index + 1).filter((line) => !uncovered.includes(line))
  return {
    ApexClassOrTriggerId: id,
    NumLinesCovered: covered.length,
    NumLinesUncovered: uncovered.length,
    Coverage: complex({ coveredLines: covered, uncoveredLines: uncovered }),
  }
}
