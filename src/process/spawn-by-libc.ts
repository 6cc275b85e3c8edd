/**
 * The cheap way, where there is one: the system's `posix_spawn` lends the new process our memory until it has become its
 * program. Node copies the map of all of it instead, which costs a start some 4 ms of CPU more with the memory that an
 * orchestrator has (measured), and stops everything else of it meanwhile.
 */
import { closeSync } from 'node:fs'
import type { Exit } from '../task/endings.ts'
import type { Used } from '../task/vitals.ts'
import { openLibc } from './libc.ts'
import { Programs } from './programs.ts'
import { Reaper, untilEnded } from './reaper.ts'
import type { Spawn, Spawned, SpawnOrder } from './spawn.ts'
import { Tie } from './tie.ts'

/** Undefined where the system or its library is another. */
export function spawnByLibc(programs = new Programs()): Spawn | undefined {
  const libc = openLibc()
  if (!libc) return undefined
  const reaper = new Reaper(libc)
  const start = async ({ program, args, cwd, env, descriptors }: SpawnOrder): Promise<Spawned> => {
    const path = programs.locate(program, env)
    if (!path.includes('/')) throw Object.assign(new Error(`spawn ${program} ENOENT`), { code: 'ENOENT' })
    const words = Object.entries(env).map(([name, value]) => `${name}=${value}`)
    refuseZeros([path, cwd, ...args, ...words])
    const ours: (number | undefined)[] = []
    const passing: number[] = []
    const holds: Hold[] = []
    try {
      const given = descriptors.map((descriptor, at) => {
        if (typeof descriptor === 'number') return descriptor
        if (descriptor === 'ignore') return '/dev/null'
        if (descriptor !== 'pipe' && 'file' in descriptor) return descriptor.file
        if (descriptor instanceof Tie) {
          const opening = descriptor.open()
          passing.push(opening)
          holds.push((pid) => descriptor.hold(opening, pid))
          return opening
        }
        const [our, their] = libc.pair()
        passing.push(their)
        if (descriptor === 'pipe') {
          ours[at] = our
        } else {
          passing.push(our)
          holds.push((pid) => libc.limit(pid, descriptor.limits))
        }
        return their
      })
      reaper.listen()
      const pid = libc.spawn({ path, argv: [program, ...args], env: words, cwd, given })
      const ended = reaper.ended(pid)
      const exited = ended.then(({ exit }) => exit)
      const used = ended.then(({ used }) => used && ofItsOwn(used))
      await holdBy(holds, pid, exited)
      return { pid, exited, used, ends: Array.from(ours, (fd) => (fd === undefined ? undefined : { fd })) }
    } catch (error) {
      for (const fd of ours) if (fd !== undefined) closeSync(fd)
      throw error
    } finally {
      for (const fd of passing) closeSync(fd)
    }
  }
  return Object.assign(start, {
    setsLimits: true,
    newTie: () => new Tie(libc),
    duplicate: (descriptor: number) => libc.duplicate(descriptor),
    reap: (pid: number) => libc.ended(pid)?.used,
  })
}

/** To the kernel our memory was its own until it became its program: a figure that may be ours says nothing of it. */
function ofItsOwn(used: Used): Used {
  return used.rssMiB > process.resourceUsage().maxRSS / 1024 ? used : { ...used, rssMiB: 0 }
}

/** What is done to a process once it is there: it is held to its limits, or to us. */
type Hold = (pid: number) => void

/** Nothing is to be left of one that cannot be held. */
async function holdBy(holds: readonly Hold[], pid: number, exited: Promise<Exit>): Promise<void> {
  try {
    for (const hold of holds) hold(pid)
  } catch (error) {
    process.kill(pid, 'SIGKILL')
    await untilEnded(exited)
    throw error
  }
}

/** To the system a text ends there: what comes after it would be lost. */
function refuseZeros(texts: readonly string[]): void {
  if (texts.some((text) => text.includes('\0')))
    throw new Error('no program can be started with a zero byte in its words')
}
