/** How much of an order is kept in memory: more than `most` never, and below `low` the journal is asked for more. */
export interface HeadSize {
  readonly most: number
  readonly low: number
}

/**
 * Enough of a lane for some seconds of starts, and of what waits for a time for some minutes. A lane with its first task
 * takes some 1.3 KiB, each further one 0.3: a tenant has at most as many lanes as it may have tasks queued.
 */
export interface HeadSizes {
  readonly lane: HeadSize
  readonly dated: HeadSize
}

export const headSizes: HeadSizes = { lane: { most: 64, low: 16 }, dated: { most: 4096, low: 1024 } }

/** A look into the journal for so many of those that come after one. */
export interface Look<T> {
  readonly after: T
  readonly limit: number
}

/** What an order is made of. */
export interface Item {
  readonly id: string
  /** The journal would not find it where it stands: it has to stay here. */
  readonly isOnlyHere: boolean
}

interface Asked<T> extends Look<T> {
  /** What came to stay in the journal while it is looked at there, and may be missed: the first of it, in order. */
  readonly late: T[]
  /** Beyond it there was more than is remembered: whatever comes there is passed over as well, whoever leaves. */
  lateEdge: T | undefined
  /** What left meanwhile, and may still be found there. */
  readonly gone: Set<string>
}

/**
 * The first of an order, in memory; whatever comes after the edge stays in the journal until its turn is near. So a
 * million tasks that wait take the memory of those that come next.
 *
 *     everything up to the edge is here; without an edge, everything is
 *     what comes before the edge is put here; when there is too much, the last goes, and the edge comes closer
 *     a look into the journal moves the edge on by what it finds, and away when it finds the end
 */
export class Head<T extends Item> {
  readonly #compare: (a: T, b: T) => number
  readonly #size: HeadSize
  readonly #items: T[] = []
  /** Of the items, those that the journal knows as well. */
  #known = 0
  #edge: T | undefined
  #asked: Asked<T> | undefined

  /** `inOrder` tells any two apart. */
  constructor(inOrder: (a: T, b: T) => number, size: HeadSize) {
    this.#compare = inOrder
    this.#size = size
  }

  get first(): T | undefined {
    return this.#items[0]
  }

  /** In order. */
  get items(): readonly T[] {
    return this.#items
  }

  /**
   * How many here come before this one. Where the journal has some as well, the one after which they come, and those of
   * the ones here that come after it too.
   */
  before(item: T): { readonly here: number; readonly after: T | undefined; readonly beyond: readonly string[] } {
    const here = placeIn(this.#items, item, this.#compare)
    const after = this.#isBeyond(item) ? this.#edge : undefined
    const beyond = after ? this.#items.slice(0, here).filter((one) => this.#isBeyond(one)) : []
    return { here, after, beyond: beyond.map(({ id }) => id) }
  }

  /** Nothing is left, neither here nor in the journal. */
  get isEmpty(): boolean {
    return this.#items.length === 0 && this.#edge === undefined
  }

  /** Whether the journal has more than is here. */
  get hasMore(): boolean {
    return this.#edge !== undefined
  }

  /** Whether the journal has to be asked for more, and is not being asked. */
  get isShort(): boolean {
    return this.#edge !== undefined && this.#asked === undefined && this.#known < this.#size.low
  }

  /** Returns who stays in the journal for it: nobody, itself, or the last one that was here. */
  put(item: T): T | undefined {
    if (!item.isOnlyHere && this.#isBeyond(item)) {
      this.#miss(item)
      return item
    }
    this.#insert(item)
    return this.#known > this.#size.most ? this.#cut() : undefined
  }

  /** True when it was here. */
  delete(item: T): boolean {
    this.#asked?.gone.add(item.id)
    if (this.#asked) remove(this.#asked.late, item, this.#compare)
    const removed = remove(this.#items, item, this.#compare)
    if (removed && !removed.isOnlyHere) this.#known -= 1
    return removed !== undefined
  }

  /** Begins a look; undefined where everything is here. */
  ask(): Look<T> | undefined {
    if (this.#edge === undefined) return undefined
    const look = { after: this.#edge, limit: this.#size.most - this.#known }
    this.#asked = { ...look, late: [], lateEdge: undefined, gone: new Set() }
    return look
  }

  /**
   * Takes what the look found, in order: fewer than its limit are all that there are; undefined when it failed. What is
   * elsewhere by now is left out. Returns what is here from now on and was not before.
   */
  fill(found: readonly T[] | undefined, isElsewhere: (id: string) => boolean = () => false): readonly T[] {
    const asked = this.#asked
    this.#asked = undefined
    const room = this.#size.most - this.#known
    // With a closer edge than was asked from, there is something between that nobody looked for.
    if (!asked || !found || asked.after !== this.#edge || room <= 0) return []
    const known = new Set(asked.late.map(({ id }) => id))
    const missing = found.filter(({ id }) => !known.has(id) && !asked.gone.has(id) && !isElsewhere(id))
    const all = [...asked.late, ...missing].sort(this.#compare)
    this.#edge = this.#closest([
      found.length === asked.limit ? found.at(-1) : undefined,
      asked.lateEdge,
      all.length > room ? all[room - 1] : undefined,
    ])
    const here = all.filter((item) => !this.#isBeyond(item))
    for (const item of here) this.#insert(item)
    return here
  }

  #closest(edges: readonly (T | undefined)[]): T | undefined {
    return edges.filter((edge) => edge !== undefined).sort(this.#compare)[0]
  }

  #isBeyond(item: T): boolean {
    return this.#edge !== undefined && this.#compare(item, this.#edge) > 0
  }

  /** The edge is something that the journal knows. */
  #cut(): T | undefined {
    const last = this.#items.findLastIndex(({ isOnlyHere }) => !isOnlyHere)
    const [cut] = this.#items.splice(last, 1)
    this.#known -= 1
    this.#edge = this.#items.findLast(({ isOnlyHere }) => !isOnlyHere)
    return cut
  }

  #insert(item: T): void {
    if (insert(this.#items, item, this.#compare) && !item.isOnlyHere) this.#known += 1
  }

  #miss(item: T): void {
    const asked = this.#asked
    if (!asked) return
    asked.gone.delete(item.id)
    if (asked.lateEdge && this.#compare(item, asked.lateEdge) > 0) return
    insert(asked.late, item, this.#compare)
    if (asked.late.length <= this.#size.most) return
    asked.late.pop()
    asked.lateEdge = asked.late.at(-1)
  }
}

/** Where it is, or belongs. */
function placeIn<T>(items: readonly T[], item: T, compare: (a: T, b: T) => number): number {
  let [low, high] = [0, items.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(items[middle] as T, item) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** False when it is there already. */
function insert<T extends Item>(items: T[], item: T, compare: (a: T, b: T) => number): boolean {
  const place = placeIn(items, item, compare)
  if (items[place]?.id === item.id) return false
  items.splice(place, 0, item)
  return true
}

function remove<T extends Item>(items: T[], item: T, compare: (a: T, b: T) => number): T | undefined {
  const place = placeIn(items, item, compare)
  return items[place]?.id === item.id ? items.splice(place, 1)[0] : undefined
}
