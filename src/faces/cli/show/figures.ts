/** What a simulation found, as tables: settings under each other, so that the same pool of each stands together. */
import type { Outcome } from '../../../simulate/plot.ts'
import type { GroupFigures, TenantFigures } from '../../../simulate/tally.ts'
import { POOLS } from '../../../task/task.ts'
import { table } from '../output.ts'

/** Those that waited longest; all of them are in the JSON. */
const mostTenants = 20

export function figuresText(outcomes: readonly Outcome[]): string {
  return [overall(outcomes), pools(outcomes), forecasts(outcomes), tenants(outcomes)]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** For programs: the same without what is only for pictures. */
export function figuresJson(outcomes: readonly Outcome[]) {
  return outcomes.map(({ name, figures: { moments: _, ...figures } }) => ({
    config: name,
    ...figures,
    pools: figures.pools.map(({ foretold: { overP90: _, ...foretold }, ...pool }) => {
      return { ...withoutWaits(pool), foretold }
    }),
    tenants: figures.tenants.map(withoutWaits),
  }))
}

function overall(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ name, figures: { slots, seconds, utilisation, unfinished } }) => {
    return [name, slots, span(seconds), percent(utilisation), unfinished]
  })
  return table(['CONFIG', 'SLOTS', 'SPAN', 'UTILISATION', 'UNFINISHED'], rows)
}

function pools(outcomes: readonly Outcome[]): string {
  const rows = POOLS.flatMap((pool) =>
    outcomes.map(({ name, figures }) => {
      const found = figures.pools.find((one) => one.name === pool)
      return found ? [pool, name, ...cellsOf(found), found.fairness.toFixed(3)] : [pool, name]
    }),
  )
  return table(['POOL', 'CONFIG', ...headings, 'FAIRNESS'], rows)
}

/** Of what had to wait, how much started by the times that it was told when it came; empty when nobody was asked. */
function forecasts(outcomes: readonly Outcome[]): string {
  const rows = POOLS.flatMap((pool) =>
    outcomes.flatMap(({ name, figures }) => {
      const {
        starts = 0,
        beforeP50 = null,
        beforeP90 = null,
        unjudged = 0,
      } = figures.pools.find((one) => one.name === pool)?.foretold ?? {}
      return starts + unjudged > 0 ? [[pool, name, starts, orNone(beforeP50), orNone(beforeP90), unjudged]] : []
    }),
  )
  return rows.length > 0 ? table(['STARTS FORETOLD', 'CONFIG', 'SAMPLE', 'BY P50', 'BY P90', 'NOT JUDGED'], rows) : ''
}

function tenants(outcomes: readonly Outcome[]): string {
  const longest = (outcomes[0]?.figures.tenants ?? []).toSorted(byWait).slice(0, mostTenants)
  const rows = longest.flatMap(({ name: tenant }) =>
    outcomes.map(({ name, figures }) => {
      const found = figures.tenants.find((one) => one.name === tenant)
      return found ? [tenant, name, ...cellsOf(found), orNone(found.share)] : [tenant, name]
    }),
  )
  const all = outcomes[0]?.figures.tenants.length ?? 0
  const more = all > longest.length ? `\n… and ${all - longest.length} more that waited less` : ''
  return `${table(['TENANT', 'CONFIG', ...headings, 'OF ITS SHARE'], rows)}${more}`
}

const headings = ['TASKS', 'P50', 'P90', 'MAX', 'PROCESS TIME', 'PREEMPTED', 'EXPIRED'] as const

function cellsOf({ tasks, waitSeconds, processSeconds, preemptions, expired }: GroupFigures) {
  const { p50, p90, max } = waitSeconds
  return [tasks, span(p50), span(p90), span(max), span(processSeconds), preemptions, expired]
}

function byWait(a: TenantFigures, b: TenantFigures): number {
  return b.waitSeconds.p90 - a.waitSeconds.p90 || b.waitSeconds.max - a.waitSeconds.max || b.tasks - a.tasks
}

function withoutWaits<T extends GroupFigures>({ waits: _, ...figures }: T) {
  return figures
}

function span(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(1)} s`
  return seconds < 7200 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`
}

function orNone(part: number | null): string | null {
  return part === null ? null : percent(part)
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`
}
