/**
 * A whole org to another one and back into the same shape, while the workers are killed at random. Short here;
 * `npm run test:backup` does it with 200,000 rows.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContractTask } from '../../../src/contract/task.ts'
import { Census } from '../../../src/process/census.ts'
import type { Ask } from '../../fixtures/mayfly.ts'
import { quick, startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'
import { backedUp, defineWorld, differences, fillWorld, objects } from './support/world.ts'

const rows = Number(process.env.MAYFLY_BACKUP_ROWS ?? 2_000)
const files = Math.max(12, Math.round(rows / 1_000))
/** Of each task; so long it may live at most between two of them. */
const kills = Math.max(3, Math.round(rows / 5_000))
const longestLifeMs = 800 + rows / 50
const minutes = 60_000

describe('a backup, and its restore into another org', () => {
  let sf: TestSalesforce
  beforeAll(async () => {
    sf = await startSalesforce({ orgs: [{ name: 'prod' }, { name: 'second' }] })
    for (const name of ['prod', 'second']) defineWorld(sf.org(name))
    fillWorld(sf.org('prod'), rows, files)
    for (const name of ['prod', 'second']) sf.org(name).api.max = 5_000_000
  }, 5 * minutes)
  afterAll(() => sf.close())

  it(
    `give the same ${rows} rows, relations and files, with workers killed at random`,
    async () => {
      const retry = { maxAttempts: 100, backoffSeconds: 0 }
      const backup = await killedAtRandom({
        kind: 'org.backup',
        input: { org: 'prod', ...quick, objects: backedUp },
        retry,
      })
      const input = { org: 'second', from: 'prod', ...quick, settleSeconds: 0 }
      const restore = await killedAtRandom({ kind: 'org.restore.cross', input, retry })
      expect(restore.result).toMatchObject({ status: 'completed', failed: 0, objects: objects.length })
      expect(differences(sf.org('prod'), sf.org('second'))).toEqual([])
      for (const task of [backup, restore]) tellOf(task)
    },
    60 * minutes,
  )

  async function killedAtRandom(request: Ask): Promise<ContractTask> {
    const { id } = await sf.mayfly.submit(request)
    const end = new AbortController()
    const killing = killNowAndThen(id, end.signal)
    const task = await sf.mayfly.settled(id)
    end.abort()
    await killing
    expect(task.error).toBeNull()
    return task
  }

  async function killNowAndThen(task: string, end: AbortSignal): Promise<void> {
    for (let killed = 0; killed < kills; ) {
      const attempt = sf.mayfly.attempts(task).length
      await new Promise((resolve) => {
        setTimeout(resolve, 200 + Math.random() * longestLifeMs)
        end.addEventListener('abort', resolve, { once: true })
      })
      if (end.aborted) return
      const workers = sf.mayfly
        .attempts(task)
        .slice(attempt - 1)
        .map(({ worker }) => worker)
      new Census().look(
        (worker) => workers.includes(worker),
        (pid) => process.kill(pid, 'SIGKILL'),
      )
      killed += 1
    }
  }

  /** Figures for people; a bound for the memory of every worker. */
  function tellOf({ id, kind, attempt, createdAt, settledAt, result }: ContractTask): void {
    const seconds = (Date.parse(settledAt ?? '') - Date.parse(createdAt)) / 1_000
    const peaks = sf.mayfly.attempts(id).map(({ usage }) => usage?.peakRssMiB ?? 0)
    const peak = Math.max(...peaks)
    process.stderr.write(`${kind}: ${attempt} attempts, ${seconds} s, ${peak} MiB at most, ${JSON.stringify(result)}\n`)
    expect(peak).toBeLessThan(300)
  }
})
