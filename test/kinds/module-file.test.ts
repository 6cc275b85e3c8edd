import { hash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { ModuleFile } from '../../src/kinds/module-file.ts'

const directory = mkdtempSync(join(tmpdir(), 'mayfly-module-'))

afterAll(() => rmSync(directory, { recursive: true }))

it('tells what is in the file now, also after it was changed, replaced and removed', () => {
  const path = join(directory, 'kind.js')
  const file = new ModuleFile(path)
  expect(file.hash()).toBeNull()
  for (const code of ['export default 1', 'export default 22']) {
    writeFileSync(path, code)
    expect([file.hash(), file.hash()]).toEqual([hash('sha256', code), hash('sha256', code)])
  }
  rmSync(path)
  expect(file.hash()).toBeNull()
})
