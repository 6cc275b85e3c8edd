import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { bytesOf, textOf } from '../../workers/module-text.ts'

const directory = mkdtempSync(join(tmpdir(), 'mayfly-text-of-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

function written(name: string, code: string): string {
  const path = join(directory, name)
  writeFileSync(path, code)
  return path
}

function read(name: string, code: string) {
  const path = written(name, code)
  return textOf(path, bytesOf(path) as Buffer)
}

const digest = (code: string) => createHash('sha256').update(code).digest('hex')

describe('the text of a module', () => {
  it.each(['kind.js', 'kind.mjs'])('is what is written there: %s', (name) => {
    const code = 'const one = 1\nexport default one'
    expect(read(name, code)).toEqual({ hash: digest(code), source: code })
  })

  it.each(['kind.ts', 'kind.mts'])('is JavaScript, with every line and column where it was: %s', (name) => {
    const code = 'const one: number = 1\nexport default one'
    const source = `const one         = 1\nexport default one\n\n//# sourceURL=${pathToFileURL(join(directory, name))}`
    expect(read(name, code)).toEqual({ hash: digest(code), source })
  })

  it('is not known where types are more than that', () => {
    expect(read('enum.ts', 'enum One { Two }\nexport default One.Two')).toBeUndefined()
  })

  it('is not read where it is long, or not there', () => {
    expect(bytesOf(written('most.js', '/'.repeat(48 * 1024)))).toHaveLength(48 * 1024)
    expect(bytesOf(written('long.js', '/'.repeat(48 * 1024 + 1)))).toBeUndefined()
    expect(bytesOf(join(directory, 'nowhere.js'))).toBeUndefined()
  })
})
