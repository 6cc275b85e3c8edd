import { describe, expect, test } from 'vitest'
import { dayOf } from '../../src/journal/process-time.ts'
import { noQuotas } from '../../src/journal/tenants.ts'
import type { Subject } from './journal.records.ts'
import { claimMove, runMove, sampleEntry, sampleEvent, sampleTask, settlingMove, succeedMove } from './samples.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')
const usage = { wallSeconds: 9, cpuSeconds: 1, peakRssMiB: 1, writtenMiB: 2, outputMiB: 1, peakProcesses: 3 }

export function describeProcessTime(subject: () => Subject): void {
  /** A task of a tenant that ends at this time, after so many seconds. */
  async function run(tenant: string, at: number, processSeconds?: number): Promise<void> {
    const { journal } = subject()
    const task = sampleTask({ tenant })
    await journal.add(task, sampleEvent())
    for (const move of [claimMove(task), runMove(task.id, 1), settlingMove(task.id, 1)]) await journal.move(move)
    const closes = {
      outcome: 'succeeded',
      error: null,
      usage,
      at,
      ...(processSeconds !== undefined && { processSeconds }),
    } as const
    const settle = succeedMove(task.id, 1, { closes })
    expect(await journal.move(settle)).toMatchObject({ moved: true })
    expect(await journal.move(settle)).toEqual({ moved: false })
  }

  const of = async (at: number) => {
    const found = await subject().journal.processTime.ofDay(dayOf(at))
    return Object.fromEntries(found.map(({ tenant, seconds }) => [tenant, seconds]))
  }

  describe('process time', () => {
    test('adds up for each tenant, once for each attempt, and stays after a start', async () => {
      await run('acme', noon, 1.5)
      await run('acme', noon + 1, 2)
      await run('globex', noon, 7)
      await run('initech', noon)
      expect(await of(noon)).toEqual({ acme: 3.5, globex: 7 })
      await subject().journal.close()
      const journal = await subject().reopen()
      expect(await journal.processTime.ofDay(dayOf(noon))).toHaveLength(2)
    })

    test('begins anew with each day, UTC, of which it counts no more than has passed', async () => {
      await run('acme', noon, 100)
      const next = Date.parse('2026-03-02T00:00:05Z')
      await run('acme', next, 60)
      expect([await of(noon), await of(next)]).toEqual([{}, { acme: 5 }])
    })

    test('goes with its tenant', async () => {
      await run('acme', noon, 1)
      await subject().journal.tenants.add({ name: 'acme', quotas: noQuotas, createdAt: 1 }, sampleEntry())
      expect(await subject().journal.tenants.remove('acme', sampleEntry())).toBe('removed')
      expect(await of(noon)).toEqual({})
    })
  })
}
