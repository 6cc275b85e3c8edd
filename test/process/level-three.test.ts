import { describe, expect, it } from 'vitest'
import { type Footing, footing, groundsOf, lackedByLevelThree } from '../../src/process/level-three.ts'

const group = { version: 2, memory: '/sys/fs/cgroup/mayfly', pids: '/sys/fs/cgroup/mayfly', isWritable: true } as const
const all: Footing = { isLinux: true, user: 0, group }

describe('what level 3 lacks', () => {
  it('is nothing for root with groups of its own', () => {
    expect(lackedByLevelThree(all)).toEqual([])
    expect(groundsOf(group)).toEqual({ version: 2, memory: group.memory, pids: group.pids })
  })

  it.each<[string, Partial<Footing>, RegExp]>([
    ['rights', { user: 1_000 }, /^root, .*user 1000/],
    ['all controllers', { group: { version: 1, isWritable: false } }, /^control groups that have memory and pids/],
    [
      'a controller',
      { group: { version: 2, memory: '/sys/fs/cgroup/mayfly', isWritable: true } },
      /that have pids below/,
    ],
    ['a group to write in', { group: { ...group, isWritable: false } }, /Delegate=/],
    ['another system', { isLinux: false, user: undefined }, /^Linux$/],
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
