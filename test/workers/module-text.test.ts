import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { textOf } from '../../workers/module-text.ts'

const directory = mkdtempSync(join(tmpdir(), 'mayfly-text-of-'))
afterAll(() => rmSync(directory, { recursive: true }))

function written(name: string, code: string): string {
  const path = join(directory, name)
  writeFileSync(path, code)
  return path
}

const digest = (code: string) => createHash('sha256').update(code).digest('hex')

describe('the text of a module', () => {
  const typed = 'const one: number = 1\nexport default one'
  const plain = 'const one         = 1\nexport default one'

  it.each([
    ['kind.ts', typed, plain],
    ['kind.mts', typed, plain],
    ['kind.js', plain, plain],
    ['kind.mjs', plain, plain],
  ])('is JavaScript, with every line and column where it was: %s', (name, code, source) => {
    expect(textOf(written(name, code))).toEqual({ hash: digest(code), source })
  })

  it('is not told of a long one', () => {
    expect(textOf(written('most.js', '/'.repeat(48 * 1024)))).toBeDefined()
    expect(textOf(written('long.js', '/'.repeat(48 * 1024 + 1)))).toBeUndefined()
  })
})
