import { expect, test } from 'vitest'
import { Backlog } from '../../../src/journal/sqlite/backlog.ts'

test('a backlog lets all who wait go on when it falls below its limit, and not before', async () => {
  const backlog = new Backlog(100)
  const gone: string[] = []
  backlog.grow(120)
  const waiting = ['a', 'b'].map((name) => backlog.belowLimit().then(() => gone.push(name)))
  backlog.shrink(20)
  await Promise.resolve()
  expect([gone, backlog.bytes]).toEqual([[], 100])
  backlog.shrink(1)
  await Promise.all(waiting)
  expect(gone).toEqual(['a', 'b'])
  await backlog.belowLimit()
})
