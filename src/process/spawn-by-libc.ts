/**
 * The cheap way, where there is one: the system's `posix_spawn` lends the new process our memory until it has become its
 * program. Node copies the map of all of it instead, which costs a start some 4 ms of CPU more with the memory that an
 * orchestrator has (measured), and stops everything else of it meanwhile.
 */
import { closeSync } from 'node:fs'
import type { Exit } from '../task/endings.ts'
import type { ProcessLimits } from './isolation.ts'
import { type Libc, openLibc } from './libc.ts'
import { Programs } from './programs.ts'
import { Reaper } from './reaper.ts'
import type { Spawn, Spawned, SpawnOrder } from './spawn.ts'

/** Undefined where the system or its library is another. */
export function spawnByLibc(programs = new Programs()): Spawn | undefined {
  const libc = openLibc()
  if (!libc) return undefined
  const reaper = new Reaper((pid) => libc.ended(pid))
  const start = async ({ program, args, cwd, env, descriptors }: SpawnOrder): Promise<Spawned> => {
    const path = programs.locate(program, env)
    if (!path.includes('/')) throw Object.assign(new Error(`spawn ${program} ENOENT`), { code: 'ENOENT' })
    const words = Object.entries(env).map(([name, value]) => `${name}=${value}`)
    refuseZeros([path, cwd, ...args, ...words])
    const ours: (number | undefined)[] = []
    const theirs: number[] = []
    const gates: { readonly fd: number; readonly limits: ProcessLimits }[] = []
    try {
      const given = descriptors.map((descriptor, at) => {
        if (typeof descriptor === 'number') return descriptor
        if (descriptor === 'ignore') return null
        const [our, their] = libc.pair()
        if (descriptor === 'pipe') ours[at] = our
        else gates.push({ fd: our, limits: descriptor.limits })
        theirs.push(their)
        return their
      })
      reaper.listen()
      const pid = libc.spawn({ path, argv: [program, ...args], env: words, cwd, given })
      const exited = reaper.ended(pid)
      for (const { limits } of gates) await limit(libc, pid, limits, exited)
      return { pid, exited, ends: Array.from(ours, (fd) => (fd === undefined ? undefined : { fd })) }
    } catch (error) {
      for (const fd of ours) if (fd !== undefined) closeSync(fd)
      throw error
    } finally {
      for (const fd of [...theirs, ...gates.map(({ fd }) => fd)]) closeSync(fd)
    }
  }
  return Object.assign(start, { setsLimits: true })
}

const heldMs = 1_000

/** Nothing is to be left of a process that cannot be held to its limits. */
async function limit(libc: Libc, pid: number, limits: ProcessLimits, exited: Promise<Exit>): Promise<void> {
  try {
    libc.limit(pid, limits)
  } catch (error) {
    process.kill(pid, 'SIGKILL')
    // A signal alone, which tells of the end, keeps no process of Node from ending before.
    const held = setInterval(() => {}, heldMs)
    await exited
    clearInterval(held)
    throw error
  }
}

/** To the system a text ends there: what comes after it would be lost. */
function refuseZeros(texts: readonly string[]): void {
  if (texts.some((text) => text.includes('\0')))
    throw new Error('no program can be started with a zero byte in its words')
}
