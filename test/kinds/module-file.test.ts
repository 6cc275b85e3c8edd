import { hash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ModuleFile } from '../../src/kinds/module-file.ts'

const directory = mkdtempSync(join(tmpdir(), 'mayfly-module-'))

afterAll(() => rmSync(directory, { recursive: true }))

it('tells what is in the file now, also after it was changed, replaced and removed', () => {
  const path = join(directory, 'kind.js')
  const file = new ModuleFile(path, true)
  expect(file.hash()).toBeNull()
  for (const code of ['export default 1', 'export default 22']) {
    writeFileSync(path, code)
    expect([file.hash(), file.hash()]).toEqual([hash('sha256', code), hash('sha256', code)])
  }
  rmSync(path)
  expect(file.hash()).toBeNull()
})

describe('its text', () => {
  const written = (name: string, source: string) => {
    const path = join(directory, name)
    writeFileSync(path, source)
    return path
  }

  it.each([
    ['kind.mjs', 'module'],
    ['kind.js', 'module'],
    ['kind.ts', 'module-typescript'],
    ['kind.mts', 'module-typescript'],
  ])('is that of the last hash: %s', (name, format) => {
    const path = written(name, 'export default 1')
    const file = new ModuleFile(path, true)
    expect(file.text()).toBeUndefined()
    file.hash()
    rmSync(path)
    expect(file.text()).toEqual({ source: 'export default 1', format })
  })

  it('is not told of what is no ECMAScript module, is long, or was touched since it was one', () => {
    const common = new ModuleFile(written('common.js', 'module.exports = 1'), false)
    const long = new ModuleFile(written('long.js', '/'.repeat(48 * 1024 + 1)), true)
    const touched = new ModuleFile(written('touched.js', 'export default 1'), true)
    written('touched.js', 'module.exports = 22')
    for (const file of [common, long, touched]) {
      expect(file.hash()).not.toBeNull()
      expect(file.text()).toBeUndefined()
    }
  })
})
