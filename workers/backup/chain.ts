/** Backups that build on each other: a full one, and incremental ones that each add to the one before. */

export interface Link {
  readonly id: string
  readonly mode: 'full' | 'incremental'
  readonly parent: string | null
}

/** From this backup back to its full one. Throws a sentence when one between is missing. */
export function chainOf<T extends Link>(all: ReadonlyMap<string, T>, id: string): T[] {
  const chain: T[] = []
  for (let next: string | null = id; next !== null; ) {
    const link = all.get(next)
    if (!link) throw new Error(chain.length === 0 ? `there is no backup ${id}` : brokenBy(id, next))
    if (chain.includes(link)) throw new Error(`the backup ${id} is its own ancestor: its manifest has been changed`)
    chain.push(link)
    next = link.mode === 'full' ? null : link.parent
    if (link.mode === 'incremental' && next === null) throw new Error(`the incremental backup ${link.id} has no parent`)
  }
  return chain
}

/** All that these need to be restored, themselves included; what is missing is left out. */
export function withAncestors(all: ReadonlyMap<string, Link>, ids: Iterable<string>): Set<string> {
  const needed = new Set<string>()
  for (const id of ids) {
    for (let next = all.get(id); next && !needed.has(next.id); next = all.get(next.parent ?? '')) needed.add(next.id)
  }
  return needed
}

function brokenBy(id: string, missing: string): string {
  return `the backup ${id} builds on ${missing}, which is not there: it cannot be restored without it`
}
