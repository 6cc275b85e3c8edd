import { expect, test } from 'vitest'
import { newKey } from '../../src/secrets/cipher.ts'
import { KeyRing } from '../../src/secrets/key-ring.ts'
import { isWiped } from '../fixtures/buffers.ts'

const value = Buffer.from('a value')

test('what is new is under the newest key, and what was before opens as long as its key is kept', () => {
  const [one, two] = [newKey(), newKey()]
  const ring = new KeyRing(new Map([[1, one]]))
  const old = ring.encrypt(value, 'about')
  expect([old.key, ring.hasOlder]).toEqual([1, false])
  const again = Buffer.from(one)
  ring.adopt(
    new Map([
      [1, again],
      [2, two],
    ]),
  )
  expect([isWiped(again), isWiped(one)]).toEqual([true, false])
  const fresh = ring.encrypt(value, 'about')
  expect([fresh.key, ring.newest, ring.hasOlder]).toEqual([2, 2, true])
  expect(ring.decrypt(old, 'about')).toEqual(value)
  expect(ring.decrypt(fresh, 'about')).toEqual(value)
  expect(ring.decrypt(fresh, 'something else')).toBeUndefined()
  ring.keepOnly(2)
  expect([isWiped(one), isWiped(two), ring.has(1), ring.hasOlder]).toEqual([true, false, false, false])
  expect(ring.decrypt(old, 'about')).toBeUndefined()
  expect(ring.decrypt(fresh, 'about')).toEqual(value)
})

test('nothing is left of it when it was wiped', () => {
  const keys = new Map([
    [1, newKey()],
    [2, newKey()],
  ])
  const ring = new KeyRing(keys)
  const sealed = ring.encrypt(value, 'about')
  ring.wipe()
  expect([...keys.values()].every(isWiped)).toBe(true)
  expect(ring.decrypt(sealed, 'about')).toBeUndefined()
  expect(() => ring.encrypt(value, 'about')).toThrow('The vault is closed.')
})
