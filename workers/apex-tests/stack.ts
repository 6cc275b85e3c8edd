/** Where in Apex a stack trace leads to: `Class.Shop.sell: line 12, column 1`. */

export interface Frame {
  /** `Class` or `Trigger`. */
  readonly kind: string
  /** Without its namespace. */
  readonly name: string
  readonly line: number
  readonly column: number
  readonly text: string
}

const pattern = /^(?<kind>Class|Trigger)\.(?<path>[\w.]+): line (?<line>\d+), column (?<column>\d+)$/gm

export function framesOf(trace: string | null): readonly Frame[] {
  return [...(trace ?? '').matchAll(pattern)].map(({ 0: text, groups = {} }) => ({
    kind: groups.kind ?? '',
    name: groups.path ?? '',
    line: Math.max(1, Number(groups.line)),
    column: Math.max(1, Number(groups.column)),
    text,
  }))
}

/** The frame in the class itself: that of the test that failed, whatever it called. */
export function frameIn(className: string, trace: string | null): Frame | undefined {
  const own = className.toLowerCase()
  return framesOf(trace).findLast(({ kind, name }) => kind === 'Class' && name.toLowerCase().split('.').includes(own))
}
