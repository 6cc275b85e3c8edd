/** What backups there are, and whether they are sound. */
import type { Context } from '../context.ts'
import { FatalError, invalidInput } from '../errors/steering.ts'
import { chainOf } from './chain.ts'
import { summaryOf } from './make/result.ts'
import type { Manifest } from './manifest.ts'
import { orgsIn, placeOf, readStore } from './store.ts'
import { damageOfBackup } from './verify.ts'

export interface ListInput {
  readonly org?: string
  /** Only this one. */
  readonly backup?: string
  readonly verify?: boolean
}

type Summary = ReturnType<typeof summaryOf>

export interface ListedBackup extends Omit<Summary, 'warnings'> {
  readonly warnings: number
  /** Why it cannot be restored; null when nothing is known to be wrong. */
  readonly trouble: string | null
  readonly verified: boolean
}

export interface ListResult {
  readonly backups: readonly ListedBackup[]
  readonly incomplete: readonly { readonly org: string; readonly backup: string }[]
}

/** The result holds no more. */
const mostListed = 2_000
const mostPrinted = 200

export async function listBackups(context: Context<ListInput>): Promise<ListResult> {
  const { input, directory } = context
  const backups: ListedBackup[] = []
  const incomplete: { org: string; backup: string }[] = []
  for (const org of input.org === undefined ? orgsIn(directory) : [input.org]) {
    const store = readStore(directory, org)
    for (const manifest of [...store.whole.values()].reverse())
      if (input.backup === undefined || manifest.id === input.backup)
        backups.push(await listed(context, store.whole, manifest))
    incomplete.push(
      ...[...store.incomplete, ...store.unreadable.map(({ id }) => id)].map((backup) => ({ org, backup })),
    )
  }
  if (input.backup !== undefined && backups.length === 0) throw invalidInput(`there is no backup ${input.backup}`)
  for (const one of backups.slice(0, mostPrinted)) process.stdout.write(`${toLine(one)}\n`)
  const bad = backups.filter(({ trouble }) => trouble !== null)
  if (input.verify && bad.length > 0) {
    const all = bad.map(({ backup, trouble }) => `${backup}: ${trouble}`).join('; ')
    throw new FatalError(`${bad.length} of ${backups.length} backups are damaged: ${all}`, { code: 'BACKUP_DAMAGED' })
  }
  return { backups: backups.slice(0, mostListed), incomplete: incomplete.slice(0, mostListed) }
}

function toLine({ org, backup, rows, files, bytes, encrypted, trouble, verified }: ListedBackup): string {
  const state = trouble ?? (verified ? 'verified' : '')
  return `${org}  ${backup}  ${rows} rows, ${files} files, ${bytes} bytes${encrypted ? ', encrypted' : ''}  ${state}`.trimEnd()
}

async function listed(
  context: Context<ListInput>,
  whole: ReadonlyMap<string, Manifest>,
  manifest: Manifest,
): Promise<ListedBackup> {
  const { verify = false } = context.input
  const { warnings, ...summary } = summaryOf(manifest)
  const trouble = brokenChain(whole, manifest.id) ?? (verify ? await damage(context, manifest) : undefined)
  return { ...summary, warnings: warnings.length, trouble: trouble ?? null, verified: verify }
}

function damage({ directory, signal, progress }: Context<ListInput>, manifest: Manifest): Promise<string | undefined> {
  progress({ phase: 'verifying', percent: null, message: manifest.id })
  return damageOfBackup(placeOf(directory, manifest.org, manifest.id), manifest, signal)
}

function brokenChain(whole: ReadonlyMap<string, Manifest>, id: string): string | undefined {
  try {
    chainOf(whole, id)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
