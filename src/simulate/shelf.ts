/** How many items stand together: few enough to move by hand, many enough that there are few runs to choose from. */
const mostInRun = 512

/** Very many items in an order that tells any two apart: adding, removing and finding take some microseconds each. */
export class Shelf<T> {
  readonly #compare: (a: T, b: T) => number
  /** In order, none of them empty, but that there is always one. */
  readonly #runs: T[][] = [[]]

  constructor(inOrder: (a: T, b: T) => number) {
    this.#compare = inOrder
  }

  get isEmpty(): boolean {
    return this.#runs[0]?.length === 0
  }

  add(item: T): void {
    const at = this.#runFor(item)
    const run = this.#runs[at] as T[]
    const last = run.at(-1)
    // Most come last, in the order of their age.
    if (last === undefined || this.#compare(last, item) < 0) run.push(item)
    else run.splice(this.#placeIn(run, item), 0, item)
    if (run.length > mostInRun) this.#runs.splice(at + 1, 0, run.splice(mostInRun >> 1))
  }

  /** False when it was not here. */
  delete(item: T): boolean {
    const at = this.#runFor(item)
    const run = this.#runs[at] as T[]
    const place = this.#placeIn(run, item)
    const found = run[place]
    if (found === undefined || this.#compare(found, item) !== 0) return false
    run.splice(place, 1)
    if (run.length === 0 && this.#runs.length > 1) this.#runs.splice(at, 1)
    return true
  }

  /** The next so many that come after one, in order. */
  after(mark: T, limit: number): T[] {
    const found: T[] = []
    for (let at = this.#runFor(mark); at < this.#runs.length && found.length < limit; at++) {
      const run = this.#runs[at] as T[]
      const first = found.length > 0 ? 0 : this.#placeAfter(run, mark)
      found.push(...run.slice(first, first + limit - found.length))
    }
    return found
  }

  /** How many come first of which this is true: it must not be true of any after one of which it is not. */
  count(isBefore: (item: T) => boolean): number {
    let count = 0
    for (const run of this.#runs) {
      if (run.length > 0 && !isBefore(run.at(-1) as T)) return count + countIn(run, isBefore)
      count += run.length
    }
    return count
  }

  /** The first run that does not end before the item; the last one when all do. */
  #runFor(item: T): number {
    let [low, high] = [0, this.#runs.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#compare(this.#runs[middle]?.at(-1) as T, item) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  #placeAfter(run: readonly T[], mark: T): number {
    const place = this.#placeIn(run, mark)
    const found = run[place]
    return found !== undefined && this.#compare(found, mark) === 0 ? place + 1 : place
  }

  #placeIn(run: readonly T[], item: T): number {
    let [low, high] = [0, run.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#compare(run[middle] as T, item) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

function countIn<T>(run: readonly T[], isBefore: (item: T) => boolean): number {
  let [low, high] = [0, run.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBefore(run[middle] as T)) low = middle + 1
    else high = middle
  }
  return low
}
