import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { startMayfly } from '../fixtures/mayfly.ts'

const family = new URL('../../workers/tasks/sf/family.ts', import.meta.url).href
const kinds = mkdtempSync(join(tmpdir(), 'mayfly-sf-'))
/** Tells which parts of jsforce were there before it asked for any. */
const kind = `import { createRequire } from 'node:module'
import { preload } from '${family}'

export default {
  kind: 'parts',
  preload,
  pool: 'normal',
  input: {},
  run: () => Object.keys(createRequire('${family}').cache).filter((path) => path.includes('/jsforce/lib/')),
}
`

afterAll(() => rmSync(kinds, { recursive: true }))

it('workers of the family sf have jsforce loaded before they are told a task', async () => {
  writeFileSync(join(kinds, 'parts.js'), kind)
  const mayfly = await startMayfly({ config: { kinds: [kinds], isolation: { atMost: 1 } } })
  const { result } = await mayfly.run({ kind: 'parts' })
  const parts = (result as string[]).map((path) => path.replace(/.*\/lib\//, ''))
  expect(parts).toEqual(expect.arrayContaining(['connection.js', 'api/metadata.js', 'api/tooling.js']))
  await mayfly.remove()
})
