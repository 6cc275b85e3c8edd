import { describe, expect, test } from 'vitest'
import type { AuditEntry } from '../../src/journal/audit.ts'
import type { Journal } from '../../src/journal/journal.ts'
import { newTaskId } from '../../src/system/ids.ts'
import { describeSecretRecords } from './journal.secrets.ts'

export interface Subject {
  readonly journal: Journal
  reopen(): Promise<Journal>
}

/** What the journal keeps besides tasks. */
export function describeRecords(subject: () => Subject): void {
  describeSecretRecords(subject)

  describe('the audit log', () => {
    const entry = (own: Partial<AuditEntry> = {}): AuditEntry => ({
      id: newTaskId(),
      at: 1_700_000_000_000,
      tenant: 'acme',
      actor: 'admin',
      action: 'secret.put',
      subject: 'deploy-key',
      detail: { version: 1 },
      ...own,
    })

    test('gives back what was appended, newest first, also after a start', async () => {
      const entries = [entry(), entry({ tenant: null, action: 'token.revoked' }), entry({ detail: {} })]
      for (const one of entries) await subject().journal.audit.append(one)
      await subject().journal.close()
      const journal = await subject().reopen()
      expect(await journal.audit.page({ limit: 10 })).toEqual({ entries: entries.toReversed(), more: false })
    })

    test('is read page by page, and by tenant', async () => {
      const { audit } = subject().journal
      const entries = [entry(), entry({ tenant: 'globex' }), entry()]
      for (const one of entries) await audit.append(one)
      const first = await audit.page({ tenant: 'acme', limit: 1 })
      expect(first).toEqual({ entries: [entries[2]], more: true })
      const before = first.entries.at(-1)?.id as string
      expect(await audit.page({ tenant: 'acme', before, limit: 5 })).toEqual({ entries: [entries[0]], more: false })
    })
  })
}
