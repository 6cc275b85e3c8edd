/** In which order objects are restored, so that as few lookups as possible need a second pass. */

export interface Reference {
  readonly field: string
  readonly to: readonly string[]
  /** A row cannot be made without it: master-detail, or a lookup that must not be empty. */
  readonly required: boolean
}

/** The references of each object, by its name. */
export type References = ReadonlyMap<string, readonly Reference[]>

export interface Order {
  readonly objects: readonly string[]
  /** Object → fields that are left empty first and filled in a second pass. */
  readonly deferred: ReadonlyMap<string, readonly string[]>
  /** Required fields in a circle: no order makes their rows. */
  readonly impossible: readonly { readonly object: string; readonly field: string }[]
}

/**
 * One after the other, each as soon as all that it refers to is there. Where nothing is free, the object that leaves the
 * least open comes next: required references count above all, then how many rows a second pass would touch.
 */
export function orderOf(references: References, rowsOf: (object: string) => number = () => 1): Order {
  const left = new Set([...references.keys()].sort())
  const objects: string[] = []
  const deferred = new Map<string, string[]>()
  const impossible: { object: string; field: string }[] = []
  while (left.size > 0) {
    const next = cheapest(left, references, rowsOf)
    for (const { field, required } of openOf(next, references, left)) {
      if (required) impossible.push({ object: next, field })
      else deferred.set(next, [...(deferred.get(next) ?? []), field])
    }
    left.delete(next)
    objects.push(next)
  }
  return { objects, deferred, impossible }
}

/** References of an object to such that are not there yet; itself is one of them. */
function openOf(object: string, references: References, left: ReadonlySet<string>): Reference[] {
  return (references.get(object) ?? []).filter(({ to }) => to.some((target) => left.has(target)))
}

function cheapest(left: ReadonlySet<string>, references: References, rowsOf: (object: string) => number): string {
  let best = { object: '', required: Infinity, rows: Infinity }
  for (const object of left) {
    // A reference to itself stays open wherever it stands in the order.
    const open = openOf(object, references, left).filter(({ to }) => to.some((one) => one !== object && left.has(one)))
    const required = open.filter((one) => one.required).length
    const rows = (open.length - required) * Math.max(1, rowsOf(object))
    if (required < best.required || (required === best.required && rows < best.rows)) best = { object, required, rows }
    if (required === 0 && rows === 0) break
  }
  return best.object
}
