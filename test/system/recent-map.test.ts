import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RecentMap } from '../../src/system/recent-map.ts'

test('a map of what is recent has what was set last of as many keys as it may have, in that order', () => {
  const change = fc.tuple(fc.nat({ max: 6 }), fc.option(fc.nat(), { nil: undefined }))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(change), (most, changes) => {
      const map = new RecentMap<number, number>(most)
      let kept: (readonly [number, number])[] = []
      for (const [key, value] of changes) {
        kept = kept.filter(([other]) => other !== key)
        if (value === undefined) {
          map.delete(key)
        } else {
          map.set(key, value)
          kept = [...kept, [key, value] as const].slice(-most)
        }
        expect(map.get(key)).toBe(value)
      }
      expect([...map.entries()]).toEqual(kept)
      expect([...map.values()]).toEqual(kept.map(([, value]) => value))
    }),
  )
})
