import { describe, expect, it } from 'vitest'
import { groupsOf, hasQuota, memoryOf } from '../../src/process/cgroup.ts'

const mount = '/sys/fs/cgroup'
const MiB = 1024 ** 2

describe('the groups of a process', () => {
  it('are its own and all around it', () => {
    expect(groupsOf('0::/system.slice/mayfly.service\n', mount)).toEqual([
      '/sys/fs/cgroup/system.slice/mayfly.service',
      '/sys/fs/cgroup/system.slice',
      '/sys/fs/cgroup',
    ])
  })

  it('are one in a container that sees only its own', () => {
    expect(groupsOf('0::/\n', mount)).toEqual([mount])
  })

  it('are told beside the older kind', () => {
    const hybrid = '4:memory:/docker/f9446a31\n1:cpu:/\n0::/init.scope\n'
    expect(groupsOf(hybrid, mount)).toEqual([`${mount}/init.scope`, mount])
    expect(groupsOf('4:memory:/docker/f9446a31\n1:cpu:/\n', mount)).toEqual([])
  })

  it('lead nowhere outside of what is mounted', () => {
    expect(groupsOf('0::/../../user.slice\n', mount)).toEqual([mount])
    expect(groupsOf('', mount)).toEqual([])
  })

  it('are bounded, however deep', () => {
    expect(groupsOf(`0::${'/a'.repeat(5_000)}\n`, mount)).toHaveLength(33)
  })
})

/** As the kernel says it: podman, 6.8, a group of 2 GiB that has read many files. */
const files: Record<string, string> = {
  'memory.max': '2147483648\n',
  'memory.high': 'max\n',
  'memory.current': '2040111104\n',
  'memory.stat':
    'anon 412200960\nfile 1569718272\nkernel 58191872\nkernel_stack 1327104\nshmem 0\nfile_mapped 88621056\n' +
    'inactive_anon 411123712\nactive_anon 1077248\ninactive_file 1048576000\nactive_file 521142272\nunevictable 0\n',
}
const read = (but: Record<string, string | undefined> = {}) => {
  const all: Record<string, string | undefined> = { ...files, ...but }
  return (path: string) => all[path.replace('/g/', '')]
}

describe('the memory of a group', () => {
  it('is what its limit leaves, copies of files that can go not counted', () => {
    const { totalMiB, availableMiB } = memoryOf('/g', read()) ?? {}
    expect(totalMiB).toBe(2048)
    expect(availableMiB).toBeCloseTo((2147483648 - 2040111104 + 1048576000 + 521142272 / 2) / MiB)
  })

  it('ends where the kernel begins to slow it down', () => {
    expect(memoryOf('/g', read({ 'memory.high': `${1024 * MiB}\n` }))?.totalMiB).toBe(1024)
  })

  it('is never less than none', () => {
    expect(memoryOf('/g', read({ 'memory.current': '9999999999999\n', 'memory.stat': '' }))?.availableMiB).toBe(0)
    expect(memoryOf('/g', read({ 'memory.current': '1\n' }))?.availableMiB).toBe(2048)
  })

  it.each([
    ['without a limit', { 'memory.max': 'max\n' }],
    ['outermost, which has no such file', { 'memory.max': undefined }],
    ['of which the use is not told', { 'memory.current': undefined }],
    ['that says something else', { 'memory.max': 'lots\n' }],
  ])('is not known for one %s', (_, but) => {
    expect(memoryOf('/g', read(but))).toBeUndefined()
  })
})

describe('a quota of CPU', () => {
  it('is a number before the period', () => {
    expect(['150000 100000\n', 'max 100000\n', '', undefined].map(hasQuota)).toEqual([true, false, false, false])
  })
})
