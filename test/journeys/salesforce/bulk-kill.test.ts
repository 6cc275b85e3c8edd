import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seal } from '../../../src/client/seal.ts'
import type { ContractTask } from '../../../src/contract/task.ts'
import { type Emulator, startEmulator } from '../../emulator/emulator.ts'
import type { Subject } from '../../emulator/faults.ts'
import { sessionTextOf } from '../../fixtures/session.ts'
import { type Orchestrator, Site } from '../support/orchestrator.ts'
import { Watcher } from '../support/watcher.ts'

let emulator: Emulator
let site: Site
let orchestrator: Orchestrator
beforeAll(async () => {
  emulator = await startEmulator({ orgs: [{ name: 'prod' }] })
  emulator.org('prod').rows.define('Item__c', { Key__c: { type: 'string', externalId: true, unique: true } })
  site = await Site.create({ isolation: { atMost: 1 }, sharedSlots: 2, maxLosses: 100 })
  await start()
})
afterAll(async () => {
  await orchestrator.kill()
  // Throws when an ingest job got its data twice.
  await emulator.close()
})

async function start(): Promise<void> {
  orchestrator = site.start()
  await orchestrator.listening
}

async function putSecret(name: string, value: Uint8Array): Promise<void> {
  const { publicKey } = await site.json<{ publicKey: string }>('GET', '/v1/secrets/public-key')
  await site.json('PUT', `/v1/secrets/${encodeURIComponent(name)}`, { sealed: await seal(publicKey, name, value) })
}

async function upload(csv: string): Promise<string> {
  const headers = { authorization: `Bearer ${site.token}`, 'content-type': 'application/octet-stream' }
  const response = await fetch(`${site.url}/v1/uploads`, { method: 'POST', headers, body: csv })
  return ((await response.json()) as { id: string }).id
}

describe('a bulk ingest whose orchestrator is killed with -9', () => {
  it('puts every row in once, with one upload for each job', async () => {
    await putSecret('org/prod/session', sessionTextOf(emulator.org('prod')))
    const keys = Array.from({ length: 12 }, (_, index) => `k${index}`)
    const csv = `Key__c,Name\n${keys.map((key) => `${key},"in\ntwo ""lines"""\n`).join('')}`
    for (const [method, path] of [
      ['PUT', /batches$/],
      ['PATCH', /jobs\/ingest/],
      ['GET', /successfulResults$/],
    ] as const) {
      emulator.faults.add({
        match: (subject: Subject) => subject.method === method && path.test(subject.path),
        // The org has done it, and nobody learns of it.
        async action(_org, _request, genuine) {
          await genuine()
          await orchestrator.kill()
          void start()
          return { status: 0, wire: { kind: 'reset' } }
        },
      })
    }
    const input = { org: 'prod', object: 'Item__c', operation: 'insert', upload: await upload(csv), chunkBytes: 120 }
    const { id } = await site.json<ContractTask>('POST', '/v1/tasks', {
      kind: 'bulk.ingest',
      input: { ...input, pollSeconds: 0.02 },
    })
    await new Watcher(site, id).done
    const task = await site.json<ContractTask>('GET', `/v1/tasks/${id}`)
    expect(task).toMatchObject({ state: 'succeeded', attempt: 4, result: { succeeded: 12, failed: 0 } })
    const stored = emulator.org('prod').rows.all('Item__c')
    expect(stored.map(({ Key__c }) => Key__c).toSorted()).toEqual(keys.toSorted())
    expect(emulator.faults.waiting).toBe(0)
  })
})
