/** How much of the code tests reach, and whether that is enough. */
import type { ClassCoverage } from './method.ts'

/** In percent; what is left out is not asked for. */
export interface Thresholds {
  readonly org?: number
  readonly perClass?: number
}

export const thresholdsSchema = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  description: 'percent of lines that tests must reach, or the task fails',
  properties: {
    org: { type: 'number', minimum: 0, maximum: 100, description: 'of all classes and triggers together' },
    perClass: { type: 'number', minimum: 0, maximum: 100, description: 'of each class and trigger' },
  },
} as const

/** Whole percents, downwards, as Salesforce counts them; null where there is no line to reach. */
export function percentOf(classes: readonly Pick<ClassCoverage, 'lines' | 'uncovered'>[]): number | null {
  const lines = classes.reduce((sum, one) => sum + one.lines, 0)
  const uncovered = classes.reduce((sum, one) => sum + one.uncovered, 0)
  return lines === 0 ? null : Math.floor((100 * (lines - uncovered)) / lines)
}

export interface Shortfall {
  /** Null where it is that of all together. */
  readonly className: string | null
  readonly kind: ClassCoverage['kind']
  readonly message: string
}

/** `orgPercent`: of the whole org where that is known, else of the classes. */
export function shortfallsOf(
  classes: readonly ClassCoverage[],
  { org, perClass }: Thresholds,
  orgPercent: number | null = percentOf(classes),
): readonly Shortfall[] {
  const isShort = (percent: number | null, least: number | undefined) =>
    least !== undefined && percent !== null && percent < least
  const whole: Shortfall[] = isShort(orgPercent, org)
    ? [{ className: null, kind: 'class', message: `tests reach ${orgPercent} % of all code, ${org} % are asked for` }]
    : []
  const short = classes.filter((one) => isShort(percentOf([one]), perClass))
  return [
    ...whole,
    ...short.map((one) => ({
      className: one.name,
      kind: one.kind,
      message: `tests reach ${percentOf([one])} % of ${one.name}, ${perClass} % are asked for`,
    })),
  ]
}
