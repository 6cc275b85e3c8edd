import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listBackups } from '../../../workers/backup/list.ts'
import type { Manifest } from '../../../workers/backup/manifest.ts'
import { prune } from '../../../workers/backup/prune.ts'
import { writeSealed } from '../../../workers/backup/sealed.ts'
import { makePlace, markInUse, newBackupId, placeOf, readStore, writeWhole } from '../../../workers/backup/store.ts'
import type { Context } from '../../../workers/context.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mayfly-prune-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const start = Date.UTC(2026, 0, 1, 2)
const day = 86_400_000

/** One that is whole, with a file of its own; on the day of this number. */
async function made(at: number, parent: string | null): Promise<string> {
  const mode = parent === null ? 'full' : 'incremental'
  const id = newBackupId(mode, start + at * day)
  const place = await makePlace(directory, 'prod', id)
  const data = await writeSealed([`rows of day ${at}`], place, 'objects/Account/rows.csv', { gzip: false, key: null })
  const schema = await writeSealed(['{}'], place, 'objects/Account/schema.json', { gzip: false, key: null })
  const time = new Date(start + at * day).toISOString()
  const manifest: Manifest = {
    ...{ version: 1, id, org: 'prod', orgId: '00D', instanceUrl: 'x', apiVersion: '62.0', mode, parent, from: null },
    ...{ to: time, startedAt: time, finishedAt: time, tool: 'mayfly', format: 'csv', encryption: null, bodies: {} },
    ...{ metadata: null, warnings: [], objects: { Account: { rows: 1, columns: ['Id'], mode, data, schema } } },
  }
  await writeWhole(place, 'manifest.json', JSON.stringify(manifest))
  return id
}

/** A full one each third day. */
async function nights(count: number): Promise<string[]> {
  const ids: string[] = []
  for (let at = 0; at < count; at++) ids.push(await made(at, at % 3 === 0 ? null : (ids.at(-1) ?? null)))
  return ids
}

function contextOf<T>(input: T): Context<T> {
  const nothing = () => {}
  const log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
  const { signal } = new AbortController()
  return { input, directory, log, signal, progress: nothing, artifact: async () => {} } as unknown as Context<T>
}

const two = { keepDaily: 2, keepWeekly: 0, keepMonthly: 0, minFull: 0 }
const there = () => [...readStore(directory, 'prod').whole.keys()]

describe('pruning', () => {
  it('removes whole chains that nothing kept builds on, and says what stays and why', async () => {
    const ids = await nights(9)
    const { pruned, kept, freedBytes } = await prune(contextOf({ org: 'prod', retention: two }))
    expect([...pruned].sort()).toEqual(ids.slice(0, 6))
    expect(kept.map(({ backup, why }) => [ids.indexOf(backup), why])).toEqual([
      [8, ['newest', 'daily']],
      [7, ['daily']],
      [6, ['chain']],
    ])
    expect(freedBytes).toBeGreaterThan(0)
    expect(there()).toEqual(ids.slice(6))
    expect((await prune(contextOf({ org: 'prod', retention: two }))).pruned).toEqual([])
  })

  it('only says what would go when it is asked to', async () => {
    const ids = await nights(6)
    const { pruned } = await prune(contextOf({ org: 'prod', retention: two, dryRun: true }))
    expect([...pruned].sort()).toEqual(ids.slice(0, 3))
    expect(there()).toEqual(ids)
  })

  it('keeps older ones in place of one that is damaged, leaves that one alone, and fails loudly', async () => {
    const ids = await nights(9)
    const bad = ids[6] ?? ''
    writeFileSync(join(placeOf(directory, 'prod', bad), 'objects/Account/rows.csv'), 'something else')
    const sentence = new RegExp(`damaged .*${bad}: objects/Account/rows.csv is not as it was written`)
    await expect(prune(contextOf({ org: 'prod', retention: two }))).rejects.toThrow(sentence)
    expect(there()).toEqual(ids.slice(3))
  })

  it('leaves alone what a restore reads, and what is being made; removes what nobody finishes any more', async () => {
    const ids = await nights(6)
    markInUse(placeOf(directory, 'prod', ids[0] ?? ''), 'a-task')
    const [old, young] = [newBackupId('full', start), newBackupId('full', start + day)]
    for (const id of [old, young]) mkdirSync(placeOf(directory, 'prod', id))
    utimesSync(placeOf(directory, 'prod', old), start / 1_000 - 1e6, start / 1_000 - 1e6)
    writeFileSync(join(placeOf(directory, 'prod', young), 'plan.json'), JSON.stringify({ parent: ids[1] }))
    const { leftovers } = await prune(contextOf({ org: 'prod', retention: two }))
    expect(leftovers).toEqual([old])
    expect(existsSync(placeOf(directory, 'prod', young))).toBe(true)
    expect(there()).toEqual(ids.filter((id) => id !== ids[2]))
  })
})

describe('the list of backups', () => {
  it('says which there are, which are not whole, and which cannot be restored', async () => {
    const ids = await nights(3)
    rmSync(placeOf(directory, 'prod', ids[0] ?? ''), { recursive: true })
    mkdirSync(placeOf(directory, 'prod', newBackupId('full', start)))
    const { backups, incomplete } = await listBackups(contextOf({}))
    expect(backups.map(({ backup, trouble }) => [ids.indexOf(backup), trouble])).toEqual([
      [2, expect.stringContaining('which is not there')],
      [1, expect.stringContaining('which is not there')],
    ])
    expect(incomplete).toHaveLength(1)
  })

  it('fails when one is verified and is not as it was written', async () => {
    const [id = ''] = await nights(1)
    await expect(listBackups(contextOf({ org: 'prod', verify: true }))).resolves.toMatchObject({
      backups: [{ verified: true }],
    })
    rmSync(join(placeOf(directory, 'prod', id), 'objects/Account/schema.json'))
    await expect(listBackups(contextOf({ verify: true }))).rejects.toThrow('objects/Account/schema.json is not there')
  })

  it('leads to no place outside of the directory', () => {
    for (const [org, id] of [
      ['..', ''],
      ['prod', '../x'],
      ['a/b', ''],
      ['', ''],
    ] as const)
      expect(() => placeOf(directory, org, id)).toThrow('this names no backup')
  })
})
