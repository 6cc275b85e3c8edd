/** The way that every system has: Node copies the map of all its memory for each process that it starts. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import type { Exit } from '../task/endings.ts'
import type { Descriptor, Gate, Opened, PipeEnd, Spawn, Spawned, SpawnOrder } from './spawn.ts'
import { Tie } from './tie.ts'

type OnlyNodes = Exclude<Descriptor, Gate | Tie>
type OfNode = Exclude<OnlyNodes, Opened>

/** It can neither set limits nor tie: Node passes on no such call. */
export const spawnByNode: Spawn = Object.assign(start, { setsLimits: false })

async function start({ program, args, cwd, env, descriptors }: SpawnOrder): Promise<Spawned> {
  const child = withFiles(descriptors.map(onlyNodes), (stdio) =>
    spawn(program, args, { cwd, env, stdio, detached: true }),
  )
  if (child.pid === undefined) throw (await once(child, 'error').catch((error) => [error]))[0]
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  const sockets: readonly unknown[] = child.stdio
  return { pid: child.pid, exited, ends: sockets.map(takeEnd) }
}

/** Those that are files open for as long as it takes. */
function withFiles(descriptors: readonly OnlyNodes[], use: (stdio: OfNode[]) => ChildProcess): ChildProcess {
  const opened: number[] = []
  try {
    return use(
      descriptors.map((descriptor) => {
        if (typeof descriptor !== 'object') return descriptor
        opened.push(openSync(descriptor.file, 'r'))
        return opened.at(-1) as number
      }),
    )
  } finally {
    for (const fd of opened) closeSync(fd)
  }
}

function onlyNodes(descriptor: Descriptor): OnlyNodes {
  if (descriptor instanceof Tie) throw new Error('nothing can be tied to us here')
  if (typeof descriptor === 'object' && 'limits' in descriptor)
    throw new Error('no limits can be set here: nothing may wait for them')
  return descriptor
}

/** Node has read nothing of it yet, and will not. */
function takeEnd(socket: unknown): PipeEnd | undefined {
  const place = socket as { _handle: object | null; destroy(): void } | null
  const handle = place?._handle
  if (!place || !handle) return undefined
  place._handle = null
  place.destroy()
  return { handle }
}
