import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UsageNotes } from '../../src/files/usage-notes.ts'
import { newWorkerId } from '../../src/system/ids.ts'

const figure = fc.double({ min: 0, max: 1e15, noNaN: true, noDefaultInfinity: true })
const usages = fc.record({
  wallSeconds: figure,
  cpuSeconds: figure,
  peakRssMiB: figure,
  writtenMiB: figure,
  outputMiB: figure,
  peakProcesses: fc.nat(),
})
const some = { wallSeconds: 2, cpuSeconds: 1, peakRssMiB: 3, writtenMiB: 0, outputMiB: 0.5, peakProcesses: 2 }

describe('what is noted of the use of an attempt', () => {
  let root: string
  let notes: UsageNotes
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'mayfly-notes-'))
    notes = new UsageNotes(root)
  })
  afterEach(() => rmSync(root, { recursive: true }))

  it('is what was noted last, for the next start too', () => {
    fc.assert(
      fc.property(fc.array(usages, { minLength: 1, maxLength: 5 }), (all) => {
        for (const usage of all) notes.note('worker', usage)
        expect(new UsageNotes(root).read('worker')).toEqual(all.at(-1))
      }),
    )
  })

  it('is nothing where nobody looked, where it is damaged, or cannot have been', () => {
    expect(notes.read('worker')).toBeUndefined()
    for (const text of ['', 'null', '{"wallSeconds":2', JSON.stringify({ ...some, cpuSeconds: -1 }), '[]']) {
      writeFileSync(join(root, 'worker'), text)
      expect(notes.read('worker')).toBeUndefined()
    }
    notes.note('other', some)
    truncateSync(join(root, 'other'), 20)
    expect(notes.read('other')).toBeUndefined()
  })

  it('is forgotten with its attempt, also that of an earlier start', () => {
    const [worker, other] = [newWorkerId(), newWorkerId()]
    notes.note(worker, some)
    notes.note(other, some)
    notes.forget(worker)
    expect(readdirSync(root)).toEqual([other])
    const next = new UsageNotes(root)
    writeFileSync(join(root, 'not-ours'), '')
    expect(next.leftover()).toEqual([other])
    next.forget(other)
    next.forget('never-noted')
    next.forget('not-ours')
    expect(readdirSync(root)).toEqual(['not-ours'])
  })

  it('is nothing where something else has its name, and nobody waits for that or follows it', () => {
    execFileSync('mkfifo', [join(root, 'pipe')])
    writeFileSync(join(root, 'elsewhere'), JSON.stringify(some))
    symlinkSync(join(root, 'elsewhere'), join(root, 'link'))
    for (const name of ['pipe', 'link']) {
      notes.note(name, { ...some, wallSeconds: 9 })
      expect(notes.read(name)).toBeUndefined()
    }
    expect(notes.read('elsewhere')).toEqual(some)
  })

  it('is left out where it cannot be written', () => {
    rmSync(root, { recursive: true })
    notes.note('worker', some)
    expect(notes.read('worker')).toBeUndefined()
    new UsageNotes(root)
  })
})
