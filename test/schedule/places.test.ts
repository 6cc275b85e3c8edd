import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Places } from '../../src/schedule/places.ts'

it('places are taken in the order in which they become free', () => {
  const property = fc.property(
    fc.array(fc.nat(20), { minLength: 1, maxLength: 9 }),
    fc.array(fc.nat(20), { maxLength: 50 }),
    (times, takes) => {
      const places = new Places(times)
      let model = times.toSorted((a, b) => a - b)
      for (const seconds of takes) {
        const [first, ...others] = model as [number, ...number[]]
        expect(places.first).toBe(first)
        places.take(first + seconds)
        model = [...others, first + seconds].sort((a, b) => a - b)
      }
    },
  )
  fc.assert(property)
})

it('there may be none', () => {
  expect(new Places([]).first).toBeUndefined()
})
