import { execFileSync } from 'node:child_process'
import { hash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { JournalUnusable } from '../../../src/journal/journal.ts'
import { queuedIn, sampleEvent, sampleTask } from '../../contracts/samples.ts'
import { answersIn } from './children/answers.ts'
import { killHard, startChild } from './children/start.ts'
import { openIn, temporaryDirectory } from './fixture.ts'

const pageBytes = 4096
const modeBits = 0o777

let place: ReturnType<typeof temporaryDirectory>

beforeEach(() => {
  place = temporaryDirectory()
})
afterEach(() => place.remove())

describe('a first start', () => {
  test('makes everything for its owner only', async () => {
    const journal = await openIn(place.directory, { reserveMiB: 1 })
    await journal.add(sampleTask(), sampleEvent())
    await journal.task('acme', 'x')
    const names = readdirSync(place.directory)
    const modes = names.map((name) => [name, statSync(join(place.directory, name)).mode & modeBits])
    expect(names.toSorted()).toEqual(
      expect.arrayContaining(['instance.json', 'journal.db', 'journal.db-wal', 'reserve']),
    )
    expect(modes).toEqual(names.map((name) => [name, 0o600]))
    expect(statSync(place.directory).mode & modeBits).toBe(0o700)
    await journal.close()
  })

  test('that broke off before the database was whole begins again', async () => {
    writeFileSync(place.files.unfinished, 'half of a database')
    await (await openIn(place.directory)).close()
    expect(existsSync(place.files.unfinished)).toBe(false)
  })

  test('that broke off before the directory was marked is finished by the next', async () => {
    const task = await fill()
    rmSync(place.files.instance)
    const journal = await openIn(place.directory)
    expect(await journal.task('acme', task)).toBeDefined()
    await journal.close()
    expect(existsSync(place.files.instance)).toBe(true)
  })
})

describe('a start without the database that was there', () => {
  test.each([
    ['missing', 'is missing', () => rmSync(place.files.database)],
    ['empty', 'is empty', () => truncateSync(place.files.database)],
    ['overwritten at its head', 'is not an SQLite database', () => overwrite(0, 'garbage garbage!')],
    ['cut short', 'is damaged', () => truncateSync(place.files.database, 3 * pageBytes)],
    ['damaged in its pages', 'is damaged', () => overwrite(pageBytes, Buffer.alloc(8 * pageBytes, 0xa5))],
    ['without a schema', 'has no schema', () => replaceBy('CREATE TABLE t (a); DROP TABLE t')],
    [
      'that of another application',
      'another application',
      () => replaceBy('CREATE TABLE t (a); PRAGMA user_version = 1'),
    ],
    ['that of another instance', 'belongs to another instance', replaceByForeign],
    [
      'without the mark that can be read',
      `'instance.json' cannot be read`,
      () => writeFileSync(place.files.instance, '{'),
    ],
    [
      'beside a log that is none',
      `'journal.db-wal' is damaged`,
      () => writeFileSync(place.files.wal, 'garbage garbage!'),
    ],
    ['newer than this program', 'by a newer Mayfly', () => execute('PRAGMA user_version = 999')],
  ])('refuses one that is %s, says what to do, and changes nothing', async (_, reason, spoil) => {
    await fill()
    await spoil()
    const before = contents()
    const error = await openIn(place.directory).catch((refusal: Error) => refusal)
    expect(error).toBeInstanceOf(JournalUnusable)
    expect((error as Error).message).toContain(reason)
    expect((error as Error).message).toContain('Nothing was changed')
    expect(contents()).toEqual(before)
  })

  test('refuses a log without its database even where the directory is not marked', async () => {
    writeFileSync(place.files.wal, 'left over')
    await expect(openIn(place.directory)).rejects.toThrow('is missing')
  })

  test('gives commands that work as they stand', async () => {
    await fill()
    rmSync(place.files.database)
    const error = await openIn(place.directory).catch((refusal: Error) => refusal)
    const command = (error as Error).message.split('for inspection: ').at(-1) ?? ''
    execFileSync('sh', ['-c', command])
    const journal = await openIn(place.directory)
    expect(await queuedIn(journal)).toEqual([])
    await journal.close()
    rmSync(`${place.directory}.damaged`, { recursive: true })
  })

  test('finds what only the log holds after a crash, and refuses it when the database below is damaged', async () => {
    const { child } = await startChild('adder', place.directory)
    await killHard(child)
    expect(statSync(place.files.wal).size).toBeGreaterThan(0)
    overwrite(0, 'garbage garbage!')
    const before = contents()
    await expect(openIn(place.directory)).rejects.toThrow('is not an SQLite database')
    expect(contents()).toEqual(before)
    overwrite(0, 'SQLite format 3\0')
    const journal = await openIn(place.directory)
    expect((await queuedIn(journal)).length).toBeGreaterThanOrEqual(answersIn(place.directory).length)
    await journal.close()
  })
})

/** A journal with several pages of tasks, closed. */
async function fill(directory = place.directory): Promise<string> {
  const journal = await openIn(directory)
  const tasks = Array.from({ length: 100 }, () => sampleTask({ input: 'x'.repeat(200) }))
  await Promise.all(tasks.map((task) => journal.add(task, sampleEvent())))
  await journal.close()
  return tasks[0]?.id ?? ''
}

/** All that the journal keeps; the lock is not of it, and the index of the log is made anew whenever it is needed. */
function contents(): ReadonlyMap<string, string> {
  const lasting = readdirSync(place.directory).filter((name) => !/-shm$|^orchestrator/.test(name))
  return new Map(lasting.map((name) => [name, hash('sha256', readFileSync(join(place.directory, name)))]))
}

function overwrite(at: number, bytes: string | Buffer): void {
  writeSync(openSync(place.files.database, 'r+'), Buffer.from(bytes), 0, undefined, at)
}

function execute(sql: string): void {
  const db = new DatabaseSync(place.files.database)
  db.exec(sql)
  db.close()
}

function replaceBy(sql: string): void {
  rmSync(place.files.database)
  execute(sql)
}

async function replaceByForeign(): Promise<void> {
  const foreign = temporaryDirectory()
  await fill(foreign.directory)
  copyFileSync(foreign.files.database, place.files.database)
  foreign.remove()
}
