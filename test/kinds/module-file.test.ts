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
  const file = new ModuleFile(path)
  expect(file.hash()).toBeNull()
  for (const code of ['export default 1', 'export default 22']) {
    writeFileSync(path, code)
    expect([file.hash(), file.hash()]).toEqual([hash('sha256', code), hash('sha256', code)])
  }
  rmSync(path)
  expect(file.hash()).toBeNull()
})

describe('its text', () => {
  const path = join(directory, 'kind.ts')
  const code = 'export default 1 as number'
  const text = { hash: hash('sha256', code), source: 'export default 1          ' }
  const written = (code: string) => {
    writeFileSync(path, code)
    return path
  }

  it('is what it said when it was read, as long as the last hash is of that', () => {
    const file = new ModuleFile(written(code), text)
    expect(file.text()).toBeUndefined()
    file.hash()
    expect(file.text()).toBe(text.source)
    written('export default 2')
    expect(file.text()).toBe(text.source)
    file.hash()
    expect(file.text()).toBeUndefined()
    written(code)
    file.hash()
    expect(file.text()).toBe(text.source)
    rmSync(path)
    file.hash()
    expect(file.text()).toBeUndefined()
  })

  it('is not known where it was not read', () => {
    const file = new ModuleFile(written(code))
    file.hash()
    expect(file.text()).toBeUndefined()
  })
})
