import { describe, expect, test } from 'vitest'
import type { Journal } from '../../src/journal/journal.ts'
import { describeProcessTime } from './journal.process-time.ts'
import { describeSchedules } from './journal.schedules.ts'
import { describeSecretRecords } from './journal.secrets.ts'
import { sampleEntry } from './samples.ts'

export interface Subject {
  readonly journal: Journal
  reopen(): Promise<Journal>
}

/** What the journal keeps besides tasks. */
export function describeRecords(subject: () => Subject): void {
  describeSecretRecords(subject)
  describeSchedules(subject)
  describeProcessTime(subject)

  describe('the audit log', () => {
    test('gives back what was appended, newest first, also after a start', async () => {
      const entries = [
        sampleEntry(),
        sampleEntry({ tenant: null, action: 'token.revoked' }),
        sampleEntry({ detail: {} }),
      ]
      for (const one of entries) await subject().journal.audit.append(one)
      await subject().journal.close()
      const journal = await subject().reopen()
      expect(await journal.audit.page({ limit: 10 })).toEqual({ entries: entries.toReversed(), more: false })
    })

    test('is read page by page, and by tenant', async () => {
      const { audit } = subject().journal
      const entries = [sampleEntry(), sampleEntry({ tenant: 'globex' }), sampleEntry()]
      for (const one of entries) await audit.append(one)
      const first = await audit.page({ tenant: 'acme', limit: 1 })
      expect(first).toEqual({ entries: [entries[2]], more: true })
      const before = first.entries.at(-1)?.id as string
      expect(await audit.page({ tenant: 'acme', before, limit: 5 })).toEqual({ entries: [entries[0]], more: false })
    })
  })
}
