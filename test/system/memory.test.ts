import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { collectGarbage } from '../../src/system/memory.ts'

it('collects what nothing refers to, and leaves nobody else the means to', () => {
  const forgotten = new WeakRef({})
  // A weak reference holds its object until the turn that made it has ended.
  return new Promise(setImmediate).then(() => {
    collectGarbage()
    expect(forgotten.deref()).toBeUndefined()
    expect(() => runInNewContext('gc')).toThrow('gc is not defined')
    setFlagsFromString('--no-expose-gc')
  })
})
