import { on } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { Answer, Question, Said } from '../../../workers/lint/child.ts'
import { LintProcess } from '../../../workers/lint/process.ts'

const root = mkdtempSync(join(tmpdir(), 'mayfly-lint-process-'))
const good: Question = { file: 'Good.cls', path: join(root, 'Good.cls'), ruleset: 'apex' }
writeFileSync(good.path, 'public with sharing class Good {}\n')
afterAll(() => rmSync(root, { recursive: true }))

it('opens no debugger to whoever sends it SIGUSR1, and goes on', async () => {
  const looking = await LintProcess.start([], 640)
  try {
    // Not before: until it blocks the signal it would end of it.
    expect(await ask(looking, good)).toEqual({ findings: [] })
    looking.child.kill('SIGUSR1')
    expect(await ask(looking, good)).toEqual({ findings: [] })
    expect(threadsOf(looking)).not.toContainEqual(expect.stringContaining('Inspector'))
  } finally {
    await looking.kill()
  }
})

async function ask({ child }: LintProcess, question: Question): Promise<Answer> {
  const said = on(child, 'message', { close: ['close'] })
  child.send(question)
  for await (const [word] of said as AsyncIterable<[Said]>) if (word !== 'begun') return word
  throw new Error('it has ended')
}

/** Where it may be debugged Node has one by this name from the start, which waits for the signal. */
function threadsOf({ child }: LintProcess): string[] {
  const all = `/proc/${child.pid}/task`
  return readdirSync(all).map((thread) => readFileSync(join(all, thread, 'comm'), 'utf8').trim())
}
