import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { accountWithin, Users } from '../../src/process/users.ts'

const directory = mkdtempSync(join(tmpdir(), 'mayfly-users-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
const first = 1_900_000_000

describe('users of slots', () => {
  it('are each nobody else’s until they are given back', () => {
    const users = new Users({ first, count: 3 })
    const taken = [users.take(), users.take(), users.take()]
    expect(new Set(taken)).toEqual(new Set([first, first + 1, first + 2]))
    expect(() => users.take()).toThrow('all 3 users of slots are taken: give users.count more')
    users.giveBack(first + 1, true)
    expect(users.take()).toBe(first + 1)
  })

  it('are nobody’s any more once something of one was left', () => {
    const users = new Users({ first, count: 1 })
    users.giveBack(users.take(), false)
    expect(() => users.take()).toThrow('all 1 users')
  })

  it('are shared by those who work on the same directory at the same time, and by nobody else', () => {
    const users = new Users({ first, count: 2 })
    const one = users.takeFor(directory)
    expect(users.takeFor(directory)).toBe(one)
    users.giveBack(one, true, directory)
    expect(users.take()).not.toBe(one)
    expect(() => users.take()).toThrow('all 2 users')
    users.giveBack(one, true, directory)
    expect(users.take()).toBe(one)
  })

  it.runIf(process.getuid !== undefined)('are none of whom a process lives', () => {
    const users = new Users({ first: process.getuid?.() ?? 0, count: 1 })
    expect(() => users.take()).toThrow('all 1 users')
  })

  it('are no accounts of the machine', () => {
    expect(accountWithin({ first: 0, count: 1 })).toBe('root')
    expect(accountWithin({ first, count: 100 })).toBeUndefined()
  })
})
