import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KeptDirectories } from '../../src/files/kept.ts'
import { Workspaces } from '../../src/files/workspaces.ts'
import { newWorkerId } from '../../src/system/ids.ts'

const MiB = 1024 * 1024

describe('workspaces', () => {
  let root: string
  let workspaces: Workspaces
  let worker: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'mayfly-files-'))
    workspaces = new Workspaces(join(root, 'workspaces'))
    worker = newWorkerId()
  })

  afterEach(() => execFileSync('rm', ['-rf', root]))

  it('are made for one worker, closed to others, and never shared', () => {
    const made = workspaces.create(worker)
    for (const path of Object.values(made)) expect(statSync(path).mode & 0o777).toBe(0o700)
    expect(() => workspaces.create(worker)).toThrow('EEXIST')
  })

  it('are listed by our names only', () => {
    workspaces.create(worker)
    for (const name of ['lost+found', '..data', 'x'.repeat(21)]) mkdirSync(join(root, 'workspaces', name))
    expect(workspaces.leftover()).toEqual([worker])
  })

  it('are gone once removed, and removing what is not there is no error', async () => {
    workspaces.create(worker)
    expect(await workspaces.remove(worker)).toBe(true)
    expect(await workspaces.remove(worker)).toBe(true)
    expect(workspaces.leftover()).toEqual([])
  })

  it('are removed whatever lies in them, and nothing outside is touched', async () => {
    const { work } = workspaces.create(worker)
    const outside = join(root, 'outside')
    mkdirSync(outside)
    writeFileSync(join(outside, 'file'), 'kept')
    symlinkSync(outside, join(work, 'to-a-directory'))
    symlinkSync(join(outside, 'file'), join(work, 'to-a-file'))
    symlinkSync('loop', join(work, 'loop'))
    linkSync(join(outside, 'file'), join(work, 'hard'))
    execFileSync('mkfifo', [join(work, 'fifo')])
    for (const name of ['-rf', ' ', 'new\nline', '*', 'x'.repeat(255), '🦋']) writeFileSync(join(work, name), '')
    writeFileSync(Buffer.concat([Buffer.from(`${work}/`), Buffer.from([0xff, 0xfe])]), '')
    mkdirSync(Buffer.concat([Buffer.from(`${work}/`), Buffer.from([0xc3])]))
    mkdirSync(join(work, 'closed', 'inside'), { recursive: true })
    chmodSync(join(work, 'closed', 'inside'), 0)
    chmodSync(join(work, 'closed'), 0)
    expect(await workspaces.remove(worker)).toBe(true)
    expect(existsSync(work)).toBe(false)
    expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('kept')
  })

  it('are removed when they are empty, and were full', async () => {
    const { tmp } = workspaces.create(worker)
    const names = Array.from({ length: 1_000 }, (_, at) => join(tmp, String(at).padEnd(200, '-')))
    for (const name of names) writeFileSync(name, '')
    for (const name of names) rmSync(name)
    expect(await workspaces.remove(worker)).toBe(true)
    expect(existsSync(workspaces.pathOf(worker))).toBe(false)
  })

  it('are removed deeper than any path may be long', async () => {
    const { work } = workspaces.create(worker)
    const name = 'd'.repeat(200)
    const dig = `for (let i = 0; i < 60; i++) { fs.mkdirSync('${name}'); process.chdir('${name}') }`
    execFileSync(process.execPath, ['-e', dig], { cwd: work })
    expect(await workspaces.measure(worker, MiB)).toMatchObject({ isHidden: true })
    expect(await workspaces.remove(worker)).toBe(true)
    expect(existsSync(work)).toBe(false)
  })

  it('measure what lies on the disk, and not what is linked to', async () => {
    const { work } = workspaces.create(worker)
    const large = join(root, 'large')
    writeFileSync(large, Buffer.alloc(4 * MiB))
    symlinkSync(large, join(work, 'link'))
    symlinkSync(root, join(work, 'up'))
    writeFileSync(join(work, 'file'), Buffer.alloc(MiB, 1))
    mkdirSync(join(work, 'a', 'b'), { recursive: true })
    writeFileSync(join(work, 'a', 'b', 'file'), Buffer.alloc(MiB, 1))
    const { bytes } = await workspaces.measure(worker, 100 * MiB)
    expect(bytes).toBeGreaterThanOrEqual(2 * MiB)
    expect(bytes).toBeLessThan(3 * MiB)
    expect(await workspaces.measure(newWorkerId(), MiB)).toEqual({ bytes: 0, largestBytes: 0, isHidden: false })
  })

  it('measure a file once, however many names it has', async () => {
    const { work } = workspaces.create(worker)
    writeFileSync(join(work, 'file'), Buffer.alloc(MiB, 1))
    for (let at = 0; at < 20; at++) linkSync(join(work, 'file'), join(work, `link${at}`))
    expect((await workspaces.measure(worker, 100 * MiB)).bytes).toBeLessThan(2 * MiB)
  })

  it('measure what lies in directories whose names are not text', async () => {
    const { work } = workspaces.create(worker)
    const odd = Buffer.concat([Buffer.from(`${work}/`), Buffer.from([0xc3, 0xff])])
    mkdirSync(odd)
    for (const name of ['/a', '/b']) writeFileSync(Buffer.concat([odd, Buffer.from(name)]), Buffer.alloc(MiB, 1))
    writeFileSync(Buffer.concat([Buffer.from(`${work}/`), Buffer.from([0xfe])]), Buffer.alloc(MiB, 1))
    expect((await workspaces.measure(worker, 100 * MiB)).bytes).toBeGreaterThanOrEqual(3 * MiB)
  })

  it('are removed without what a link leads to that was put in their place, and are not measured by that', async () => {
    const path = workspaces.pathOf(worker)
    const { work } = workspaces.create(worker)
    const elsewhere = join(root, 'elsewhere')
    for (const name of ['kept', 'tmp', 'work']) mkdirSync(join(elsewhere, name), { recursive: true })
    renameSync(path, join(root, 'moved'))
    symlinkSync(elsewhere, path)
    expect(await workspaces.measure(worker, MiB)).toMatchObject({ bytes: 0, isHidden: true })
    await new KeptDirectories(join(root, 'kept')).takeBack('task', workspaces.keptOf(worker))
    expect(await workspaces.remove(worker)).toBe(true)
    expect(existsSync(work)).toBe(false)
    expect(readdirSync(elsewhere)).toEqual(['kept', 'tmp', 'work'])
  })

  it('measure no further than they must', async () => {
    const { work } = workspaces.create(worker)
    for (let i = 0; i < 20; i++) writeFileSync(join(work, String(i)), Buffer.alloc(MiB, 1))
    expect((await workspaces.measure(worker, 3 * MiB)).bytes).toBeLessThanOrEqual(5 * MiB)
    rmSync(work, { recursive: true })
  })
})
