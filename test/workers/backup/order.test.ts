import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { orderOf, type Reference } from '../../../workers/backup/order.ts'

const to = (object: string, required = false): Reference => ({ field: `${object}Id`, to: [object], required })
const references = (all: Readonly<Record<string, readonly Reference[]>>) => new Map(Object.entries(all))

const graphs = fc.integer({ min: 1, max: 14 }).chain((size) => {
  const names = Array.from({ length: size }, (_, index) => `O${index}`)
  const reference = fc.record({
    to: fc.uniqueArray(fc.constantFrom(...names, 'Outside'), { minLength: 1, maxLength: 2 }),
    required: fc.boolean(),
  })
  return fc
    .array(fc.array(reference, { maxLength: 4 }), { minLength: size, maxLength: size })
    .map((all) => new Map(all.map((list, at) => [`O${at}`, list.map((one, nth) => ({ ...one, field: `f${nth}` }))])))
})

describe('the order of a restore', () => {
  it('puts first what others refer to', () => {
    const order = orderOf(references({ Line: [to('Order', true)], Order: [to('Account')], Account: [] }))
    expect(order).toEqual({ objects: ['Account', 'Order', 'Line'], deferred: new Map(), impossible: [] })
  })

  it('leaves circles and references to itself for the second pass', () => {
    const order = orderOf(references({ Account: [to('Account'), to('Contact')], Contact: [to('Account', true)] }))
    expect(order.objects).toEqual(['Account', 'Contact'])
    expect(order.deferred).toEqual(new Map([['Account', ['AccountId', 'ContactId']]]))
  })

  it('breaks a circle where the fewest rows need a second pass', () => {
    const rows = { Few: 10, Many: 100_000 }
    const circle = references({ Few: [to('Many')], Many: [to('Few')] })
    const order = orderOf(circle, (object) => rows[object as keyof typeof rows])
    expect([...order.deferred.keys()]).toEqual(['Few'])
  })

  it('says which required fields stand in each others way', () => {
    const order = orderOf(references({ A: [to('B', true)], B: [to('A', true)] }))
    expect(order.impossible).toEqual([{ object: 'A', field: 'BId' }])
  })

  it('has each object once, and whatever it does not defer stands before', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const { objects, deferred, impossible } = orderOf(graph)
        expect(objects.toSorted()).toEqual([...graph.keys()].sort())
        for (const [object, list] of graph) {
          for (const { field, to, required } of list) {
            const isOpen = to.some((one) => graph.has(one) && objects.indexOf(one) >= objects.indexOf(object))
            expect((deferred.get(object) ?? []).includes(field)).toBe(isOpen && !required)
            expect(impossible.some((one) => one.object === object && one.field === field)).toBe(isOpen && required)
          }
        }
      }),
    )
  })

  it('defers nothing where there is no circle', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const below = (object: string, other: string) => Number(other.slice(1)) < Number(object.slice(1))
        const acyclic = new Map(
          [...graph].map(([object, list]) => [object, list.filter(({ to }) => to.every((one) => below(object, one)))]),
        )
        const { deferred, impossible } = orderOf(acyclic)
        expect([deferred.size, impossible.length]).toEqual([0, 0])
      }),
    )
  })
})
