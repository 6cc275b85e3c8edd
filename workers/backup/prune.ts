/** Removes backups that the policy does not keep, once those that it keeps are known to be sound. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { FatalError } from '../errors/steering.ts'
import { chainOf } from './chain.ts'
import type { Manifest } from './manifest.ts'
import { type Policy, type Retention, retain, usualPolicy } from './retention.ts'
import { isInUse, leftoversIn, parentsOfUnfinished, placeOf, readStore, removeBackup } from './store.ts'
import { damageOfBackup } from './verify.ts'

export interface PruneInput {
  readonly org: string
  readonly retention?: Partial<Policy>
  readonly dryRun?: boolean
}

export interface PruneResult {
  readonly org: string
  readonly dryRun: boolean
  readonly kept: readonly { readonly backup: string; readonly why: readonly string[] }[]
  readonly pruned: readonly string[]
  /** Never finished, and not touched for a week. */
  readonly leftovers: readonly string[]
  readonly freedBytes: number
}

type PruneContext = Context<PruneInput>

export async function prune(context: PruneContext): Promise<PruneResult> {
  const { input, directory } = context
  const policy = { ...usualPolicy, ...input.retention }
  const { whole, incomplete } = readStore(directory, input.org)
  const now = Date.now()
  const abandoned = await leftoversIn(directory, input.org, incomplete, now)
  const unfinished = incomplete.filter((id) => !abandoned.includes(id))
  const needed = parentsOfUnfinished(directory, input.org, unfinished)
  const { retention, damaged } = await soundRetention(context, whole, policy, needed)
  const isFree = (id: string) => !isInUse(placeOf(directory, input.org, id), now)
  const leftovers = abandoned.filter(isFree)
  const pruned = retention.prune.filter((id) => isFree(id) && !damaged.has(id))
  const freedBytes = [...pruned, ...leftovers].reduce((sum, id) => sum + sizeOf(placeOf(directory, input.org, id)), 0)
  if (!input.dryRun) await removeAll(context, [...pruned, ...leftovers])
  const kept = [...retention.keep].map(([backup, why]) => ({ backup, why }))
  const result = { org: input.org, dryRun: input.dryRun ?? false, kept, pruned, leftovers, freedBytes }
  await context.artifact('prune.json', new TextEncoder().encode(JSON.stringify(result, null, 1)), {
    contentType: 'application/json',
  })
  if (damaged.size > 0) throw new FatalError(damagedSentence(input.org, damaged), { code: 'BACKUP_DAMAGED' })
  return result
}

interface Sound {
  readonly retention: Retention
  /** Damaged backups, and why. */
  readonly damaged: ReadonlyMap<string, string>
}

/** A damaged backup, and what builds on it, counts as none: an older one is kept in its place. It is never removed. */
async function soundRetention(
  context: PruneContext,
  whole: ReadonlyMap<string, Manifest>,
  policy: Policy,
  needed: readonly string[],
): Promise<Sound> {
  const damaged = new Map<string, string>()
  const verified = new Set<string>()
  for (;;) {
    const sound = [...whole.values()].filter(({ id }) => !dependsOn(whole, id, damaged))
    const retention = retain(sound, policy, needed)
    const open = [...retention.keep.keys()].filter((id) => !verified.has(id))
    // When nothing goes, nothing has to be known of what stays.
    if (retention.prune.length === 0 || open.length === 0) return { retention, damaged }
    const before = damaged.size
    for (const [at, id] of open.entries()) {
      const message = `verifying ${id}`
      context.progress({ phase: 'verifying', percent: null, done: at, total: open.length, unit: 'backups', message })
      const manifest = whole.get(id)
      const why =
        manifest && (await damageOfBackup(placeOf(context.directory, manifest.org, id), manifest, context.signal))
      if (why) damaged.set(id, why)
      verified.add(id)
    }
    if (damaged.size === before) return { retention, damaged }
  }
}

function dependsOn(whole: ReadonlyMap<string, Manifest>, id: string, damaged: ReadonlyMap<string, string>): boolean {
  try {
    return chainOf(whole, id).some((link) => damaged.has(link.id))
  } catch {
    return true
  }
}

async function removeAll(
  { input, directory, log, signal, progress }: PruneContext,
  ids: readonly string[],
): Promise<void> {
  for (const [at, id] of ids.entries()) {
    signal.throwIfAborted()
    const percent = Math.floor((100 * at) / ids.length)
    progress({ phase: 'removing', percent, done: at, total: ids.length, unit: 'backups', message: id })
    await removeBackup(directory, input.org, id)
    log.info(`the backup ${id} of org ${input.org} is removed`)
  }
}

function sizeOf(place: string): number {
  const files = readdirSync(place, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
}

function damagedSentence(org: string, damaged: ReadonlyMap<string, string>): string {
  const all = [...damaged].map(([id, why]) => `${id}: ${why}`).join('; ')
  return `${damaged.size} of the backups of org ${org} are damaged (${all}). They are left where they are, and older ones are kept in their place: make a full backup`
}
