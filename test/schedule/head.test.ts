import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Head, type Look } from '../../src/schedule/head.ts'

interface Thing {
  readonly id: string
  readonly at: number
  readonly isOnlyHere: boolean
}

const inOrder = (a: Thing, b: Thing) => a.at - b.at || (a.id < b.id ? -1 : Number(a.id > b.id))

function thing(at: number, isOnlyHere = false): Thing {
  return { id: String(at), at, isOnlyHere }
}

function headOf(...times: number[]): Head<Thing> {
  const head = new Head<Thing>(inOrder, { most: 4, low: 2 })
  for (const at of times) head.put(thing(at))
  return head
}

const timesOf = (head: Head<Thing>) => head.items.map(({ at }) => at)

describe('a head', () => {
  test('keeps what comes first, and says who stays in the journal', () => {
    const head = headOf(5, 3, 9, 7)
    expect(timesOf(head)).toEqual([3, 5, 7, 9])
    expect(head.put(thing(1))).toMatchObject({ at: 9 })
    expect(head.put(thing(8))).toMatchObject({ at: 8 })
    expect(head.put(thing(6))).toMatchObject({ at: 7 })
    expect(timesOf(head)).toEqual([1, 3, 5, 6])
  })

  test('is short when few are left and the journal has more', () => {
    const head = headOf(1, 2, 3, 4)
    for (const at of [1, 2, 3]) head.delete(thing(at))
    expect(head.isShort).toBe(false)
    const cut = headOf(1, 2, 3, 4, 5)
    for (const at of [1, 2, 3]) cut.delete(thing(at))
    expect(cut.isShort).toBe(true)
    expect(cut.ask()).toEqual({ after: thing(4), limit: 3 })
    expect(cut.isShort).toBe(false)
    expect(cut.fill([thing(5)]).map(({ at }) => at)).toEqual([5])
    expect([cut.isShort, timesOf(cut)]).toEqual([false, [4, 5]])
  })

  test('is short again when a look failed', () => {
    const head = headOf(1, 2, 3, 4, 5)
    for (const at of [1, 2, 3]) head.delete(thing(at))
    head.ask()
    expect(head.fill(undefined)).toEqual([])
    expect(head.isShort).toBe(true)
  })

  test('never leaves to the journal what it could not find there', () => {
    const head = headOf(1, 2, 3, 4, 5)
    expect(head.put(thing(9, true))).toBeUndefined()
    expect(timesOf(head)).toContain(9)
  })
})

type Step =
  | { readonly do: 'put'; readonly at: number; readonly isOnlyHere: boolean }
  | { readonly do: 'take' | 'ask' | 'read' | 'fill' }
  | { readonly do: 'cancel'; readonly which: number }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('put' as const),
        at: fc.nat(999),
        isOnlyHere: fc.constantFrom(false, false, false, true),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constantFrom('take' as const, 'ask' as const, 'read' as const, 'fill' as const) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(99) }) },
  ),
  { maxLength: 200, size: 'max' },
)

/** A head and the whole of its order; the journal is read some time after it was asked, and answers some time after that. */
class Scene {
  readonly head = new Head<Thing>(inOrder, { most: 4, low: 2 })
  readonly all = new Map<string, Thing>()
  #look: Look<Thing> | undefined
  #found: Thing[] | undefined
  #count = 0

  take(step: Step): void {
    if (step.do === 'put') this.#put(step.at, step.isOnlyHere)
    else if (step.do === 'cancel') this.#remove([...this.all.values()][step.which % this.all.size])
    else if (step.do === 'take') this.#remove(this.head.first)
    else if (step.do === 'ask' && this.head.isShort) this.#look = this.head.ask()
    else if (step.do === 'read') this.read()
    else if (step.do === 'fill') this.fill()
  }

  read(): void {
    const look = this.#look
    if (!look || this.#found) return
    const beyond = [...this.all.values()].filter((one) => !one.isOnlyHere && inOrder(one, look.after) > 0)
    this.#found = beyond.sort(inOrder).slice(0, look.limit)
  }

  fill(): void {
    if (!this.#found) return
    this.head.fill(this.#found)
    this.#look = undefined
    this.#found = undefined
  }

  /** Until nothing more is asked for. */
  settle(): void {
    for (;;) {
      this.read()
      this.fill()
      if (!this.head.isShort) return
      this.#look = this.head.ask()
    }
  }

  #put(at: number, isOnlyHere: boolean): void {
    this.#count += 1
    const one = { id: String(this.#count), at, isOnlyHere }
    this.all.set(one.id, one)
    this.head.put(one)
  }

  #remove(one: Thing | undefined): void {
    if (!one) return
    this.all.delete(one.id)
    this.head.delete(one)
  }
}

describe('a head that is told of more than it remembers while the journal is asked', () => {
  test('finds it later, though what it does remember left meanwhile and something came behind', () => {
    const head = headOf(1, 2, 3, 4, 5)
    for (const at of [1, 2, 3, 4]) head.delete(thing(at))
    expect(head.ask()).toMatchObject({ after: { at: 4 }, limit: 4 })
    for (const at of [10, 11, 12, 13, 14]) head.put(thing(at))
    for (const at of [10, 11, 12, 13]) head.delete(thing(at))
    head.put(thing(20))
    expect(head.fill([thing(5)])).toMatchObject([{ at: 5 }])
    expect(head.isShort).toBe(true)
    expect(head.ask()).toMatchObject({ after: { at: 13 } })
    head.fill([thing(14), thing(20)])
    expect(timesOf(head)).toEqual([5, 14, 20])
  })
})

describe('whatever comes and goes while the journal is asked', () => {
  test('nothing is lost, nothing is twice, and nothing that left comes back', () => {
    const property = fc.property(steps, (steps) => {
      const scene = new Scene()
      for (const step of steps) {
        scene.take(step)
        const ids = scene.head.items.map(({ id }) => id)
        expect(new Set(ids).size).toBe(ids.length)
        expect(ids.filter((id) => !scene.all.has(id))).toEqual([])
      }
      scene.settle()
      const taken: Thing[] = []
      for (let first = scene.head.first; first; first = scene.head.first) {
        taken.push(first)
        scene.all.delete(first.id)
        scene.head.delete(first)
        scene.settle()
      }
      expect([...scene.all.keys()]).toEqual([])
      const found = taken.filter((one) => !one.isOnlyHere)
      expect(found).toEqual(found.toSorted(inOrder))
      expect(scene.head.isEmpty).toBe(true)
    })
    fc.assert(property, { numRuns: 2_000 })
  })

  test('only so many are kept that the journal has', () => {
    const property = fc.property(steps, (steps) => {
      const scene = new Scene()
      for (const step of steps) {
        scene.take(step)
        expect(scene.head.items.filter((one) => !one.isOnlyHere).length).toBeLessThanOrEqual(4)
      }
    })
    fc.assert(property, { numRuns: 200 })
  })
})
