import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Org } from '../../../workers/salesforce/org.ts'
import { endTurn, Turn } from '../../../workers/salesforce/turn.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mayfly-turn-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const orgOf = (alias: string, orgId = '00D000000000001AAA') => ({ alias, orgId }) as Org

/** A task as far as a turn asks; one that waits throws with what it says. */
function task(taskId: string) {
  const said: string[] = []
  return {
    taskId,
    attempt: 1,
    directory,
    input: { org: 'prod' },
    progress: () => {},
    log: { debug() {}, warn() {}, error() {}, info: (text: string) => void said.push(text) },
    suspend(): never {
      throw new Error(`waits: ${said.at(-1)}`)
    },
  }
}

const take = (id: string, { alias = 'prod', isIdle = true, orgId = '00D000000000001AAA' } = {}) =>
  Turn.take(task(id), orgOf(alias, orgId), { what: 'deployment', isIdle: async () => isIdle })

const file = () => join(directory, '.turns', 'deployment-00D000000000001.json')

function age(minutes: number): void {
  const held = JSON.parse(readFileSync(file(), 'utf8')) as { renewedAtMs: number }
  writeFileSync(file(), JSON.stringify({ ...held, renewedAtMs: held.renewedAtMs - minutes * 60_000 }))
}

describe('the turn of an org', () => {
  it('is one task’s from attempt to attempt, whatever the org is called, until the task gives it back', async () => {
    await take('one')
    await take('one')
    await expect(take('two')).rejects.toThrow(/^waits: org prod: the deployment of task one is not at its end/)
    await expect(take('two', { alias: 'twin' })).rejects.toThrow(
      'org twin: the deployment of task one (there it is called prod) is not',
    )
    await take('three', { orgId: '00D000000000002AAA' })
    endTurn(task('two'))
    await expect(take('two')).rejects.toThrow('waits')
    endTurn(task('one'))
    await take('two')
    await expect(take('one')).rejects.toThrow('waits')
    expect(readdirSync(join(directory, '.turns')).filter((name) => !name.endsWith('.json'))).toEqual([])
  })

  it('is taken from a task that was not heard of for half an hour, once the org is idle; it begins nothing more', async () => {
    const first = await take('one')
    age(29)
    await expect(take('two')).rejects.toThrow('waits')
    age(2)
    await expect(take('two', { isIdle: false })).rejects.toThrow('waits')
    const second = await take('two')
    expect(() => first.renew()).toThrow('waits: org prod: the deployment of task two')
    endTurn(task('one'))
    second.renew()
    await expect(take('three')).rejects.toThrow('task two')
  })

  it('is kept by a task that goes on', async () => {
    const first = await take('one')
    age(31)
    first.renew()
    await expect(take('two')).rejects.toThrow('waits')
  })

  it('is had by nobody where what is written is no turn, and one of many gets it', async () => {
    mkdirSync(join(directory, '.turns'))
    writeFileSync(file(), '{"task": "o')
    const results = await Promise.allSettled(['one', 'two', 'three'].map((id) => take(id)))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})
