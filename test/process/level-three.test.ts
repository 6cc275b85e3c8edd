import { describe, expect, it } from 'vitest'
import { type Footing, footing, lackedByLevelThree } from '../../src/process/level-three.ts'

const group = { path: '/sys/fs/cgroup/mayfly', controllers: ['cpu', 'memory', 'pids'], isWritable: true }
const all: Footing = { isLinux: true, user: 0, group }

describe('what level 3 lacks', () => {
  it('is nothing for root with a group of its own', () => {
    expect(lackedByLevelThree(all)).toEqual([])
  })

  it.each<[string, Partial<Footing>, RegExp]>([
    ['rights', { user: 1_000 }, /^root, .*user 1000/],
    ['the only hierarchy', { group: undefined }, /^cgroup v2 alone/],
    ['a controller', { group: { ...group, controllers: ['cpu', 'memory'] } }, /^the controllers pids in .*mayfly/],
    ['a group to write in', { group: { ...group, isWritable: false } }, /Delegate=/],
    ['another system', { isLinux: false, user: undefined, group: undefined }, /^Linux$/],
  ])('is said precisely: %s', (_, but, said) => {
    const lacked = lackedByLevelThree({ ...all, ...but })
    expect(lacked).toHaveLength(1)
    expect(lacked[0]).toMatch(said)
  })

  it('is looked up on this very machine', () => {
    const { isLinux, user } = footing()
    expect({ isLinux, user }).toEqual({ isLinux: process.platform === 'linux', user: process.getuid?.() })
  })
})
