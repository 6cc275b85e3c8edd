import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { Mayfly } from '../../src/client/client.ts'
import { type Orchestrator, Site } from './support/orchestrator.ts'

const kinds = [fileURLToPath(new URL('../fixtures/children/secrets', import.meta.url))]

let orchestrator: Orchestrator | undefined
afterEach(() => orchestrator?.kill())

describe('keys that are changed while tasks start', () => {
  it('survive a kill -9 in the middle: every task has its secret, and the key before is not needed', {
    timeout: 120_000,
  }, async () => {
    const site = await Site.create({ kinds, sharedSlots: 2, maxLosses: 1_000 })
    const start = async () => {
      orchestrator = site.start()
      await orchestrator.listening
      return new Mayfly({ url: site.url, token: site.token })
    }
    let client = await start()
    const names = Array.from({ length: 250 }, (_, number) => `n${number}`)
    await Promise.all(names.map((name) => client.secrets.put(name, Buffer.from(`value of ${name}`))))
    const before = readFileSync(join(site.data, 'master-key'))
    const tasks = await Promise.all(
      Array.from({ length: 12 }, (_, number) =>
        client.submit(
          { kind: 'digest', input: {}, secrets: { a: `n${number}`, b: `n${249 - number}` } },
          { oneTime: { c: Buffer.from('only this one') } },
        ),
      ),
    )

    await client.secrets.rotate()
    // Between two batches, or right after the last: whichever it is, the next start has all.
    while ((await client.secrets.rotation()).left > 150) {}
    await orchestrator?.kill()
    client = await start()
    await expect.poll(() => client.secrets.rotation()).toEqual({ rotating: false, left: 0 })

    for (const { id } of tasks) {
      for await (const _event of client.watch(id)) {
        // To its end.
      }
      const { state, result } = await client.get(id)
      expect({ state, names: Object.keys(result as object).sort() }).toEqual({
        state: 'succeeded',
        names: ['a', 'b', 'c'],
      })
    }
    expect(readFileSync(join(site.data, 'master-key')).equals(before)).toBe(false)
    const { items } = await site.json<{ items: { action: string }[] }>('GET', '/v1/audit?limit=1000')
    expect(items.filter(({ action }) => action === 'secrets.rotated')).toHaveLength(1)
  })
})
