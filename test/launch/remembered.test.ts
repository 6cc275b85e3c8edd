import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { fingerprintOf, Remembered } from '../../src/launch/remembered.ts'
import { startMayfly } from '../fixtures/mayfly.ts'

const root = mkdtempSync(join(tmpdir(), 'mayfly-remembered-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const note = [{ kind: 'one' }]
let store: string
let made: string
let empty: string

beforeEach(() => {
  store = join(mkdtempSync(join(root, 'case-')), 'not/yet/there')
  made = mkdtempSync(join(root, 'made-'))
  empty = mkdtempSync(join(root, 'empty-'))
  mkdirSync(join(made, 'below'))
  writeFileSync(join(made, 'worker.cjs'), 'the worker')
  writeFileSync(join(made, 'below/compiled'), Buffer.of(0, 255))
})

describe('what starts have made of code', () => {
  it('is laid out for the same code alone', async () => {
    await new Remembered(store, 'this').keep(made, note)
    expect(await new Remembered(store, 'other').recall(empty)).toBeUndefined()
    expect(readdirSync(empty)).toEqual([])
    expect(await new Remembered(store, 'this').recall(empty)).toEqual(note)
    expect(readFileSync(join(empty, 'worker.cjs'), 'utf8')).toBe('the worker')
    expect([...readFileSync(join(empty, 'below/compiled'))]).toEqual([0, 255])
  })

  it.each([
    ['cut off', (path: string) => truncateSync(path, 100)],
    ['empty', (path: string) => truncateSync(path, 0)],
    [
      'changed',
      (path: string) => writeFileSync(path, readFileSync(path, 'latin1').replace('the worker', 'a stranger')),
    ],
  ])('is not used when it is %s, and made anew', async (_how, spoil) => {
    const remembered = new Remembered(store, 'this')
    await remembered.keep(made, note)
    spoil(join(store, 'this'))
    expect(await remembered.recall(empty)).toBeUndefined()
    expect(readdirSync(empty)).toEqual([])
    await remembered.keep(made, note)
    expect(await remembered.recall(empty)).toEqual(note)
  })

  it('is not used where it cannot be laid out, as on a disk that is full', async () => {
    const remembered = new Remembered(store, 'this')
    await remembered.keep(made, note)
    mkdirSync(join(empty, 'worker.cjs'))
    expect(await remembered.recall(empty)).toBeUndefined()
  })

  it('is kept of the last versions only', async () => {
    for (const version of ['1', '2', '3', '4', '5', '6']) await new Remembered(store, version).keep(made, note)
    expect(readdirSync(store)).toHaveLength(4)
    expect(await new Remembered(store, '6').recall(empty)).toEqual(note)
  })

  it('is not kept where nobody may write, and nobody minds', async () => {
    writeFileSync(join(root, 'file'), '')
    await new Remembered(join(root, 'file/store'), 'this').keep(made, note)
    expect(await new Remembered(join(root, 'file/store'), 'this').recall(empty)).toBeUndefined()
  })
})

describe('the fingerprint of code', () => {
  const code = () => fingerprintOf([made, join(root, 'nowhere')], { version: 1 })

  it('is the same as long as nothing changes', () => {
    expect(code()).toBe(code())
    expect(fingerprintOf([made], { version: 2 })).not.toBe(code())
  })

  it.each([
    ['a file', () => writeFileSync(join(made, 'below/compiled'), Buffer.of(1, 255))],
    ['its name', () => writeFileSync(join(made, 'new'), '')],
    ['what is there', () => rmSync(join(made, 'worker.cjs'))],
  ])('changes with %s', (_what, change) => {
    const before = code()
    change()
    expect(code()).not.toBe(before)
  })
})

it('two starts after each other have the same kinds and run tasks, whoever made what they need', async () => {
  const starts = []
  for (let start = 0; start < 2; start++) {
    const mayfly = await startMayfly()
    const { items } = await mayfly.get<{ items: unknown[] }>('/kinds')
    const { state } = await mayfly.run({ kind: 'exec', input: { command: ['true'] } })
    starts.push({ items, state })
    await mayfly.remove()
  }
  expect(starts[0]).toMatchObject({ state: 'succeeded', items: expect.arrayContaining([expect.anything()]) })
  expect(starts[1]).toEqual(starts[0])
})
