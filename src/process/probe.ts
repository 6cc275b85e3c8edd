import { chownSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../system/message.ts'
import { descriptorsOf } from './descriptors.ts'
import { bare, type InMemory, type Isolation, type Level, type Walls } from './isolation.ts'
import { limited, limitedByTie, limitedByUserNamespace } from './limited.ts'
import { isUncounted } from './numbers.ts'
import { readerOf } from './pipe-ends.ts'
import type { Programs } from './programs.ts'
import { apartAs, type SandboxOptions, sandboxed } from './sandbox.ts'
import type { Slot, Slots } from './slots.ts'
import type { Spawn, SpawnOrder } from './spawn.ts'
import { tieHolds } from './tie-holds.ts'
import { killOne } from './tree.ts'
import type { View } from './view.ts'

export interface Probed {
  readonly isolation: Isolation
  /** Why a higher level does not work here; empty when it does. */
  readonly missing: string
}

type Environment = Readonly<Record<string, string>>

export interface Ground {
  readonly programs: Programs
  /** How workers are started. */
  readonly spawn: Spawn
  /** Of workers. */
  readonly environment: Environment
  /** What sandboxes show; asked for only when one is tried. */
  readonly view: () => View
  /** An empty directory, made and removed again, in place of a workspace. */
  readonly scratch: string
  /** What workers would have to themselves; throws where they cannot. Undefined where the operator gave no users. */
  readonly slots?: (() => Slots) | undefined
}

type Attempted = Isolation | { readonly complaint: string }

/**
 * The best level that works here, tried with the very commands and environment of workers, started as they are; never
 * above `highest`.
 */
export async function probeIsolation(highest: Level, ground: Ground): Promise<Probed> {
  if (highest > 0 && process.platform !== 'linux') return { isolation: bare, missing: `level ${highest} needs Linux` }
  const reasons: string[] = []
  for (const level of levels.filter((level) => level <= highest)) {
    const tried = await tries[level](ground)
    if ('wrap' in tried) return { isolation: tried, missing: reasons.join('; ') }
    reasons.push(`level ${level} does not work here: ${tried.complaint}`)
  }
  return { isolation: bare, missing: reasons.join('; ') }
}

const levels = [3, 2, 1] as const
const tries = { 3: tryApart, 2: trySandbox, 1: tryLimits }

/** Whether what worked at the start still does: the complaint when it does not. */
export async function probeAgain(isolation: Isolation, ground: Ground): Promise<string | undefined> {
  return tryOut(isolation, ground, 'host')
}

async function tryLimits(ground: Ground): Promise<Attempted> {
  const complaints = new Set<string>()
  for (const isolation of [...(await tiedWays(ground)), limited, limitedByUserNamespace]) {
    const complaint = await tryOut(isolation, ground, 'host')
    if (complaint === undefined) return isolation
    isolation.tie?.cut()
    complaints.add(complaint)
  }
  return { complaint: [...complaints].join('; ') }
}

/** For root alone, see `limitedByTie`. */
async function tiedWays({ spawn, environment }: Ground): Promise<readonly Isolation[]> {
  const tie = process.getuid?.() === 0 && (await tieHolds(spawn, environment)) ? spawn.newTie?.() : undefined
  return tie ? [limitedByTie(tie)] : []
}

/** As a workspace in memory that nothing is put into. */
const small: InMemory = { mostMiB: 1 }

/** A system's first user that people have; inside a sandbox it is nobody's. */
export const plainUser = 1_000

async function trySandbox(ground: Ground): Promise<Attempted> {
  const view = ground.view()
  const user = userInside()
  let complaint = ''
  for (const way of waysFor(ground)) {
    const options = { ...way, canCutOff: false, keepsInMemory: false, ...(user !== undefined && { user }) }
    const works = async (network: Walls['network'], memory?: InMemory) =>
      (await tryOut(sandboxed(view, options), ground, network, memory)) === undefined
    // Mostly all of it works: then one look is enough.
    if (await works('none', small)) return sandboxed(view, { ...options, canCutOff: true, keepsInMemory: true })
    const failed = await tryOut(sandboxed(view, options), ground, 'host')
    complaint = failed ?? ''
    if (failed !== undefined) continue
    const canCutOff = await works('none')
    const keepsInMemory = await works('host', small)
    return sandboxed(view, { ...options, canCutOff, keepsInMemory })
  }
  return { complaint }
}

/** The first one that works is taken. */
function waysFor({ spawn }: Ground): readonly Pick<SandboxOptions, 'noNamespaces' | 'isGated'>[] {
  const gates = spawn.setsLimits && isUncounted ? [true, false] : [false]
  return [true, false].flatMap((noNamespaces) => gates.map((isGated) => ({ noNamespaces, isGated })))
}

/** It can what a sandbox of the same machine can. */
async function tryApart(ground: Ground): Promise<Attempted> {
  if (!ground.slots) return { complaint: 'no users are given for tasks (`users` in the config file)' }
  let slots: Slots
  try {
    slots = ground.slots()
  } catch (error) {
    return { complaint: messageOf(error) }
  }
  const sandbox = await trySandbox(ground)
  if (!('wrap' in sandbox)) return sandbox
  const { canCutOff, keepsInMemory } = sandbox
  const apart = apartAs({ user: plainUser, slots, canCutOff, keepsInMemory }, ground.view())
  const complaint = await tryOut(apart, ground, canCutOff ? 'none' : 'host', keepsInMemory ? small : undefined)
  return complaint === undefined ? apart : { complaint }
}

/** Programs do as root what nobody can who has no rights: give files to others, for one. Undefined: who we are. */
export function userInside(): number | undefined {
  return process.getuid?.() === 0 ? plainUser : undefined
}

const probeTimeoutMs = 5_000

/** Undefined when the commands work, else what they said. */
async function tryOut(
  isolation: Isolation,
  { programs, spawn, environment, scratch }: Ground,
  network: Walls['network'],
  memory?: InMemory,
): Promise<string | undefined> {
  const tmp = join(scratch, 'tmp')
  const limits = { dataMiB: 2_048, fileMiB: 64, openFiles: 256, threads: 1_024 }
  let slot: Slot | undefined
  try {
    slot = await isolation.slots?.take({ worker: 'probe', memoryMiB: 256, tasks: limits.threads })
    mkdirSync(tmp, { recursive: true, mode: 0o700 })
    if (slot) for (const path of [scratch, tmp]) chownSync(path, slot.user, slot.user)
    const locate = (program: string) => programs.locate(program, environment)
    const ground = { limits, network, mounts: [], workspace: scratch, tmp: memory ?? tmp, locate }
    const walls = { ...ground, doors: slot?.cell.doors }
    const [program = '', ...args] = isolation.wrap(walls)
    return await complaintOf(spawn, {
      program,
      args: [...args, process.execPath, '--version'],
      cwd: process.cwd(),
      env: environment,
      descriptors: descriptorsOf(isolation, limits, slot),
    })
  } catch (error) {
    return messageOf(error)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
    await slot?.cell.emptied(probeTimeoutMs)
    slot?.leave(true)
  }
}

/** Runs what all workers are, to see that it is found. */
async function complaintOf(spawn: Spawn, order: SpawnOrder): Promise<string | undefined> {
  const { pid, ends, exited } = await spawn(order)
  const tooLate = setTimeout(() => killOne(pid), probeTimeoutMs)
  const pipes = ends.map((end) => end && readerOf(end))
  const closed = pipes.map((pipe) => pipe && new Promise((resolve) => pipe.once('close', resolve)))
  let said = ''
  for (const pipe of pipes) pipe?.on('error', () => {}).resume()
  pipes[2]?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(0, 500)
  })
  const { code } = await exited
  clearTimeout(tooLate)
  await Promise.all(closed)
  return code === 0 ? undefined : said.trim() || `${order.program} exited with ${code}`
}
