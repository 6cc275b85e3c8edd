/** Where backups lie: `<directory>/<org>/<backup id>/…`, whole once the manifest is there. */
import { randomBytes } from 'node:crypto'
import { type Dirent, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../src/system/message.ts'
import { invalidInput } from '../errors/steering.ts'
import { type Manifest, manifestName, parseManifest } from './manifest.ts'
import { backupIdPattern, orgPattern, planName } from './names.ts'
import { syncDirectory } from './sealed.ts'

/** One that is being made is left alone for so long after its last sign of life. */
const leftoverMs = 7 * 86_400_000

export interface Store {
  readonly whole: ReadonlyMap<string, Manifest>
  /** Without a manifest: being made, or left behind. */
  readonly incomplete: readonly string[]
  /** With one that cannot be read. */
  readonly unreadable: readonly { readonly id: string; readonly why: string }[]
}

/** By the org's clock, so that names sort as the backups do. */
export function newBackupId(mode: Manifest['mode'], now: number, random = randomBytes(4)): string {
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')
  return `${time}-${mode}-${random.readUInt32BE().toString(36).padStart(6, '0').slice(-6)}`
}

export function placeOf(directory: string, org: string, id = ''): string {
  const isFine = new RegExp(orgPattern).test(org) && (id === '' || new RegExp(backupIdPattern).test(id))
  if (!isFine) throw invalidInput(`this names no backup: ${JSON.stringify(`${org}/${id}`.slice(0, 120))}`)
  return join(directory, org, id)
}

/** Backups that one which is being made adds to. */
export function parentsOfUnfinished(directory: string, org: string, incomplete: readonly string[]): string[] {
  return incomplete.flatMap((id) => {
    const path = join(placeOf(directory, org, id), planName)
    const { parent = null } = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { parent?: string }) : {}
    return parent === null ? [] : [parent]
  })
}

/** All backups of an org, oldest first. */
export function readStore(directory: string, org: string): Store {
  const whole = new Map<string, Manifest>()
  const incomplete: string[] = []
  const unreadable: { id: string; why: string }[] = []
  for (const id of backupsIn(placeOf(directory, org))) {
    const path = join(placeOf(directory, org, id), manifestName)
    if (!existsSync(path)) incomplete.push(id)
    else {
      try {
        whole.set(id, parseManifest(readFileSync(path, 'utf8')))
      } catch (error) {
        unreadable.push({ id, why: messageOf(error) })
      }
    }
  }
  return { whole, incomplete, unreadable }
}

/** Orgs that have backups here. */
export function orgsIn(directory: string): string[] {
  return entriesOf(directory)
    .filter((entry) => entry.isDirectory() && new RegExp(orgPattern).test(entry.name))
    .map(({ name }) => name)
    .sort()
}

function backupsIn(place: string): string[] {
  const isBackup = new RegExp(backupIdPattern)
  return entriesOf(place)
    .filter((entry) => entry.isDirectory() && isBackup.test(entry.name))
    .map(({ name }) => name)
    .sort()
}

function entriesOf(place: string): Dirent[] {
  return existsSync(place) ? readdirSync(place, { withFileTypes: true }) : []
}

export async function makePlace(directory: string, org: string, id: string): Promise<string> {
  const place = placeOf(directory, org, id)
  await mkdir(place, { recursive: true, mode: 0o700 })
  await syncDirectory(placeOf(directory, org))
  return place
}

/** Its name appears with all of its content, whenever the machine stops. */
export async function writeWhole(place: string, name: string, content: string | Uint8Array): Promise<void> {
  const path = join(place, name)
  const file = await open(`${path}.part`, 'w', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.part`, path)
  await syncDirectory(place)
}

/** The manifest goes first: whatever is left after a crash is no whole backup any more. */
export async function removeBackup(directory: string, org: string, id: string): Promise<void> {
  const place = placeOf(directory, org, id)
  await rm(join(place, manifestName), { force: true })
  if (existsSync(place)) await syncDirectory(place)
  await rm(place, { recursive: true, force: true })
}

/** Those without a manifest in which nothing has changed for a week: nobody makes them any more. */
export async function leftoversIn(
  directory: string,
  org: string,
  incomplete: readonly string[],
  now: number,
): Promise<string[]> {
  const ages = await Promise.all(incomplete.map(async (id) => now - (await newestIn(placeOf(directory, org, id)))))
  return incomplete.filter((_, index) => (ages[index] ?? 0) > leftoverMs)
}

async function newestIn(place: string): Promise<number> {
  const names = await readdir(place, { recursive: true }).catch(() => [])
  return ['.', ...names].reduce((newest, name) => {
    const found = statSync(join(place, name), { throwIfNoEntry: false })
    return Math.max(newest, found?.mtimeMs ?? 0)
  }, 0)
}

const inUse = '.in-use-'

/** So that it is not pruned meanwhile. */
export function markInUse(place: string, task: string): void {
  writeFileSync(join(place, `${inUse}${task}`), '', { mode: 0o600 })
}

export function unmarkInUse(place: string, task: string): void {
  rmSync(join(place, `${inUse}${task}`), { force: true })
}

/** By a restore that has shown itself within a week. */
export function isInUse(place: string, now: number): boolean {
  const marks = existsSync(place) ? readdirSync(place).filter((name) => name.startsWith(inUse)) : []
  return marks.some((name) => now - (statSync(join(place, name), { throwIfNoEntry: false })?.mtimeMs ?? 0) < leftoverMs)
}
