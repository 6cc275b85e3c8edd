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

it.runIf(process.platform === 'linux')('gives back what was freed below what is still in use', async () => {
  const mebibyte = 1024 ** 2
  const freed = Array.from({ length: 1_024 }, () => Buffer.allocUnsafeSlow(64 * 1024).fill(1))
  const last = Buffer.allocUnsafeSlow(64 * 1024).fill(1)
  const full = process.memoryUsage.rss()
  freed.length = 0
  await expect
    .poll(() => {
      collectGarbage()
      return process.memoryUsage.rss()
    })
    .toBeLessThan(full - 48 * mebibyte)
  expect(last[0]).toBe(1)
})
