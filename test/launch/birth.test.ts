import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SANDBOX } from '../../src/process/isolation.ts'
import { defaultLimits } from '../../src/task/limits.ts'
import { levels } from '../fixtures/levels.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

interface Look {
  readonly born: string[]
  readonly environment: Record<string, string>
  readonly commands: string[]
  readonly directories: Record<'workspace' | 'home' | 'tmp' | 'above', string>
  readonly modes: Record<string, string>
  readonly inWorkspace: string[]
  readonly group: number
  readonly session: number
  readonly pid: number
  readonly limits: string
  readonly descriptors: Readonly<Record<string, string>>
  readonly childDescriptors: number[]
  readonly argv: string[]
  readonly visible: number
}

const canary = 'MAYFLY_TEST_CANARY'
const named = ['HOME', 'LANG', 'MAYFLY_WORKER', 'OPERATOR', 'PATH', 'TMPDIR', 'TZ']

describe.each(levels)('a worker born at level %i', (level) => {
  let mayfly: TestMayfly
  let look: Look
  let worker: string

  beforeAll(async () => {
    process.env[canary] = 'not for workers'
    mayfly = await startMayfly({
      config: {
        kinds: [children('common'), children('births')],
        isolation: { atMost: level },
        environment: { OPERATOR: 'says so' },
        limits: { ...defaultLimits, openFiles: 300 },
      },
      environment: { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8', TZ: 'Asia/Tokyo' },
    })
    const task = await mayfly.run({ kind: 'look', limits: { memoryMiB: 100, workspaceMiB: 7 } })
    expect(task).toMatchObject({ state: 'succeeded', isolation: level })
    look = task.result as unknown as Look
    worker = mayfly.attempts(task.id)[0]?.worker ?? ''
  })

  afterAll(async () => {
    delete process.env[canary]
    await mayfly.remove()
  })

  const names = (pairs: readonly string[]) => pairs.map((pair) => pair.split('=', 1)[0]).sort()

  it('has the environment that it is given, and nothing else', () => {
    // Before it lets go of what is only of its start; bwrap adds where it is.
    expect(names(look.born).filter((name) => level < SANDBOX || name !== 'PWD')).toEqual(
      [...named, 'NODE_COMPILE_CACHE'].sort(),
    )
    expect(Object.keys(look.environment).sort()).toEqual(named)
    expect(names(look.commands)).toEqual(named)
    expect(look.environment).toMatchObject({
      OPERATOR: 'says so',
      TZ: 'Asia/Tokyo',
      LANG: 'C.UTF-8',
      MAYFLY_WORKER: worker,
      HOME: look.directories.home,
      TMPDIR: look.directories.tmp,
    })
  })

  it('works in a place of its own that nobody else may enter', () => {
    const place = join(mayfly.data, 'workspaces', worker)
    expect(look.directories).toEqual({
      above: place,
      workspace: join(place, 'work'),
      home: place,
      tmp: join(place, 'tmp'),
    })
    const { file, ...directories } = look.modes
    expect(file).toBe('600')
    expect([...new Set(Object.values(directories))]).toEqual(['700'])
    expect(look.inWorkspace.sort()).toEqual(['directory', 'file'])
  })

  it('leads or shares a group that is not ours', () => {
    if (level === 0) expect([look.group, look.session]).toEqual([look.pid, look.pid])
    else expect([look.group, look.session]).toEqual(level === 1 ? [0, 0] : [1, 1])
  })

  it('has no descriptors but its own, and its commands have none of those', () => {
    const { 0: input, 1: output, 2: errors, 3: told, 4: says, ...others } = look.descriptors
    expect(input).toBe('/dev/null')
    for (const way of [output, errors, told, says]) expect(way).toMatch(/^(socket|pipe):/)
    // Of a pipe of Node's own both ends are here; what leads elsewhere has but one.
    const ends = Object.values(others).filter((target) => !target.startsWith('anon_inode:'))
    for (const end of ends) {
      expect(end).toMatch(/^pipe:/)
      expect(ends.filter((other) => other === end)).toHaveLength(2)
    }
    // The last is what `ls` reads itself.
    expect(look.childDescriptors).toEqual([0, 1, 2, 3])
  })

  it('has its limits', () => {
    expect(look.argv).toContain('--max-old-space-size=75')
    const limit = (name: string) => new RegExp(`^${name} +(\\S+) +(\\S+)`, 'm').exec(look.limits)?.slice(1)
    if (level === 0) return
    expect(limit('Max open files')).toEqual(['300', '300'])
    expect(limit('Max file size')).toEqual([String(7 * 1024 * 1024), String(7 * 1024 * 1024)])
    const [data] = limit('Max data size') ?? []
    expect(Number(data)).toBeGreaterThan(600 * 1024 * 1024)
  })

  it('sees processes as its level lets it', () => {
    if (level === 0) expect(look.visible).toBeGreaterThan(2)
    else expect(look.visible).toBeLessThanOrEqual(4)
  })

  it('opens no debugger to whoever sends it SIGUSR1', async () => {
    const task = await mayfly.run({ kind: 'open-inspector' })
    expect(task.outcome === 'crashed' || (task.result as { url: string | null }).url === null).toBe(true)
  })

  it('costs the orchestrator no descriptor', async () => {
    const runMany = (count: number) => Promise.all(Array.from({ length: count }, () => mayfly.run({ kind: 'succeed' })))
    await runMany(10)
    const before = openOnes()
    for (let i = 0; i < 4; i++) await runMany(10)
    expect(openOnes()).toBeLessThanOrEqual(before + 2)
  })
})

/** Descriptors of this process that are no TCP connection: those come and go with our own requests. */
function openOnes(): number {
  const connections = ['tcp', 'tcp6'].map((table) => readFileSync(`/proc/self/net/${table}`, 'utf8')).join()
  return readdirSync('/proc/self/fd').filter((fd) => {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(targetOf(fd)) ?? []
    return inode === undefined || !connections.includes(` ${inode} `)
  }).length
}

function targetOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return ''
  }
}
