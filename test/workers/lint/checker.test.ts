import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Checker } from '../../../workers/lint/checker.ts'

let root: string

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'mayfly-checker-'))
  write('Good.cls', 'public with sharing class Good {}\n')
  write('Broken.cls', 'public class Broken {\n  void run( {}\n}\n')
  // What is in parentheses may be a cast or not: the parser needs a minute or more for so many, and milliseconds for Good.
  write('Endless.cls', `public class Endless { Object x = ${'(a)'.repeat(450)}b; Object y = ${'a('.repeat(2_000)}b; }`)
  write('Vast.cls', `public class Vast { Integer x = ${'a?b:'.repeat(8_000)}c; ${'Integer y = 1;\n'.repeat(40_000)} }`)
  write('Deep.cls', `public class Deep { Integer x = ${'('.repeat(20_000)}1${')'.repeat(20_000)}; }`)
  write('Large.cls', `// ${'x'.repeat(1_100_000)}\n`)
})
afterAll(() => rmSync(root, { recursive: true }))

function write(name: string, text: string): void {
  writeFileSync(join(root, name), text)
}

async function rulesOf(checker: Checker, file: string): Promise<string[]> {
  return (await checker.check(root, file, 'apex')).map(({ rule, line, message }) => `${rule} ${line} ${message}`)
}

describe('the checker of files', () => {
  it('goes on after a file that takes too long, which it names', async () => {
    const checker = new Checker({ fileMs: 3_000 })
    expect(await rulesOf(checker, 'Good.cls')).toEqual([])
    expect(await rulesOf(checker, 'Endless.cls')).toEqual([
      'not-checked 1 this file was not looked at: it took longer than 3 s',
    ])
    expect(await rulesOf(checker, 'Broken.cls')).toEqual([expect.stringMatching(/^syntax 2 /)])
    await checker.close()
  })

  it('goes on after a file that takes too much memory', async () => {
    const checker = new Checker({ memoryMiB: 48 })
    expect(await rulesOf(checker, 'Vast.cls')).toEqual([expect.stringContaining('it took more than 48 MiB of memory')])
    expect(await rulesOf(checker, 'Good.cls')).toEqual([])
    await checker.close()
  })

  it('does not begin with what is too large, and leaves what is nested too deep', async () => {
    const checker = new Checker()
    expect(await rulesOf(checker, 'Deep.cls')).toEqual([
      'not-checked 1 this file was not looked at: it is nested too deep to be read',
    ])
    expect(await rulesOf(checker, 'Large.cls')).toEqual([
      'not-checked 1 this file was not looked at: it is larger than 1 MiB',
    ])
    await checker.close()
  })

  it('says that no process could be started, and of no file that it was looked at', async () => {
    const node = process.execPath
    process.execPath = join(root, 'no-node')
    const checker = new Checker({ soon: ['apex'] })
    try {
      const refused = `no process could be started to look at files of Salesforce: spawn ${root}/no-node ENOENT`
      await expect(rulesOf(checker, 'Good.cls')).rejects.toThrow(refused)
      process.execPath = node
      expect(await rulesOf(checker, 'Broken.cls')).toHaveLength(1)
    } finally {
      process.execPath = node
      await checker.close()
    }
  })

  it('looks at no file where its process ends before it begins, and says what that said last', async () => {
    const words = "'a'.repeat(100_000) + '\\n# Assertion failed: two is not one\\n'"
    const abort = `process.once('message', () => { writeSync(2, ${words}); process.abort() })`
    write('abort.mjs', `import { writeSync } from 'node:fs'\n${abort}`)
    process.env.NODE_OPTIONS = `--import=${join(root, 'abort.mjs')}`
    const checker = new Checker()
    try {
      await expect(rulesOf(checker, 'Good.cls')).rejects.toThrow(
        /^no process could be started .*: its process ended with SIGABRT, and said last: a{1,300} # Assertion failed: two is not one$/,
      )
    } finally {
      delete process.env.NODE_OPTIONS
      await checker.close()
    }
  })

  it('tells what was thrown in its process, and not where, whoever holds what that wrote to', async () => {
    const holder =
      "spawn(process.execPath, ['-e', 'setTimeout(() => {}, 20_000)'], { stdio: ['ignore', 'ignore', 2] }).unref()"
    write(
      'hold.mjs',
      `import { spawn } from 'node:child_process'\ndelete process.env.NODE_OPTIONS\n${holder}\nthrow new Error('no luck')`,
    )
    process.env.NODE_OPTIONS = `--import=${join(root, 'hold.mjs')}`
    const checker = new Checker()
    try {
      await expect(rulesOf(checker, 'Good.cls')).rejects.toThrow(
        /its process ended with 1, and said last: .*Error: no luck$/,
      )
    } finally {
      delete process.env.NODE_OPTIONS
      await checker.close()
    }
  })
})
