/** One component that names another, and where. */
export interface Reference {
  readonly file: string
  readonly line: number
  readonly column: number
  /** Of what is named; `Component` where either framework may have it. */
  readonly type: string
  /** As a manifest would write it. */
  readonly name: string
}

export type Place = Pick<Reference, 'file' | 'line' | 'column'>

const custom = /^[A-Za-z]\w*__(?:c|mdt|e|b|x)$/i

/** Objects and fields that every org has are never missing. */
export function isCustom(name: string): boolean {
  return custom.test(name)
}

/** `Object.Field`, where both are custom: of a standard object nobody knows here which fields the org has. */
export function fieldOf(object: string | undefined, field: string): string | undefined {
  if (object === undefined || !isCustom(object) || !/__c$/i.test(field) || /[.$\s:]/.test(field)) return undefined
  return `${object}.${field}`
}
