import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Cue } from '../../src/journal/cue.ts'
import type { Subject } from './journal.records.ts'
import { claimMove, sampleEvent, sampleTask } from './samples.ts'

/** What is said as soon as a move is durable. */
export function describeCues(subject: () => Subject): void {
  describe('a cue', () => {
    let directory: string
    let heard: string
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'mayfly-cue-'))
      heard = join(directory, 'heard')
      closeSync(openSync(heard, 'w'))
    })
    afterEach(() => rmSync(directory, { recursive: true }))

    const listen = () => openSync(heard, 'a')
    const whatWasHeard = () => readFileSync(heard, 'utf8')
    /** Descriptors of ours that stand for the file. */
    const listening = () => readdirSync('/proc/self/fd').filter((fd) => pathOf(fd) === heard).length

    const added = async () => {
      const { journal } = subject()
      const task = sampleTask()
      await journal.add(task, sampleEvent())
      const cue = journal.cue(Buffer.from('now'))
      if (!cue) throw new Error('there was no cue to have')
      return { journal, task, cue }
    }

    test('is given by the time that its move is known to be durable', async () => {
      const { journal, task, cue } = await added()
      const moving = journal.move({ ...claimMove(task), cue })
      cue.giveTo(listen())
      expect(await moving).toMatchObject({ moved: true, cued: true })
      expect(whatWasHeard()).toBe('now')
    })

    test('is given once, also where the commit is made again without what spoils it', async () => {
      const { journal, task, cue } = await added()
      const moving = journal.move({ ...claimMove(task), cue })
      const twice = journal.add(task, sampleEvent())
      cue.giveTo(listen())
      await expect(twice).rejects.toThrow()
      expect(await moving).toMatchObject({ moved: true, cued: true })
      expect(whatWasHeard()).toBe('now')
    })

    test('is not given where nothing was moved', async () => {
      const { journal, task, cue } = await added()
      const moving = journal.move({ ...claimMove(task), attempt: 7, cue })
      cue.giveTo(listen())
      expect(await moving).toEqual({ moved: false })
      expect(whatWasHeard()).toBe('')
    })

    test.each<[string, (cue: Cue) => void]>([
      ['nobody listens', () => {}],
      ['what listens takes nothing', (cue) => cue.giveTo(openSync(heard, 'r'))],
    ])('is not given where %s, and the move is made all the same', async (_, give) => {
      const { journal, task, cue } = await added()
      const moving = journal.move({ ...claimMove(task), cue })
      give(cue)
      const moved = await moving
      expect(moved).toMatchObject({ moved: true })
      expect(moved).not.toHaveProperty('cued')
      expect(whatWasHeard()).toBe('')
    })

    test.skipIf(process.platform !== 'linux')('leaves no descriptor open, early or late', async () => {
      for (const attempt of [0, 7]) {
        const { journal, task, cue } = await added()
        const moving = journal.move({ ...claimMove(task), attempt, cue })
        cue.giveTo(listen())
        cue.giveTo(listen())
        await moving
        cue.giveTo(listen())
        expect(listening()).toBe(0)
      }
    })

    test('is one at a time', async () => {
      const { journal, task, cue } = await added()
      expect(journal.cue(Buffer.from('then'))).toBeUndefined()
      await journal.move({ ...claimMove(task), cue })
      expect(journal.cue(Buffer.from('then'))).toBeDefined()
    })
  })
}

function pathOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return undefined
  }
}
