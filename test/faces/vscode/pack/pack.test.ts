import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Mayfly } from '../../../../src/client/client.ts'
import { pack } from '../../../../src/faces/vscode/pack/pack.ts'
import { Rules } from '../../../../src/faces/vscode/pack/rules.ts'
import { startMayfly, type TestMayfly } from '../../../fixtures/mayfly.ts'
import { folderOf } from '../fixtures/folder.ts'

let mayfly: TestMayfly

beforeAll(async () => {
  mayfly = await startMayfly()
})
afterAll(() => mayfly.remove())

const signal = new AbortController().signal
const files = {
  'src/bad.js': 'nobody(1)\n',
  'src/ünïcödé name.js': 'export const one = 1\n',
  'node_modules/big/index.js': '}{',
  '.gitignore': 'built/\n',
  'built/all.js': '}{',
}

describe('a folder that is packed', () => {
  it('is what a real server unpacks and lints, and nothing of it is left out or added', async () => {
    const steps: string[] = []
    const onFile = (done: number, total: number) => steps.push(`${done}/${total}`)
    const { archive, files: count } = await pack(folderOf(files), Rules.of([]), { signal, onFile })
    expect([count, steps]).toEqual([3, ['1/3', '2/3', '3/3']])
    const client = new Mayfly({ url: mayfly.url, token: mayfly.token })
    const { id } = await client.uploads.add(archive)
    const result = await client.run({ kind: 'lint', input: { upload: id, failOn: 'never' } })
    expect(result).toMatchObject({
      files: 2,
      errors: 1,
      findings: [{ file: 'src/bad.js', line: 1, column: 1, rule: 'no-undef' }],
    })
    const listed = await mayfly.run({ kind: 'exec', input: { upload: id, command: ['find', '.', '-type', 'f'] } })
    const lines = await mayfly.texts(listed.id, 'stdout')
    expect(lines.map((line) => line.trim()).sort()).toEqual(['./.gitignore', './src/bad.js', './src/ünïcödé name.js'])
  })

  it('is refused, with what to do, where there is nothing in it or too much', async () => {
    await expect(pack(folderOf({}), Rules.of([]), { signal })).rejects.toThrow(/no file to send: look at \.gitignore/)
    const large = { 'a.js': 'x'.repeat(600), 'b.js': 'x'.repeat(600) }
    await expect(pack(folderOf(large), Rules.of([]), { signal, mostBytes: 1_000 })).rejects.toThrow(/leave some out/)
    const many = Object.fromEntries(Array.from({ length: 20_001 }, (_, at) => [`${at}.js`, '']))
    await expect(pack(folderOf(many), Rules.of([]), { signal })).rejects.toThrow(/more than 20,000 files/)
  })

  it('is given up when nobody wants it any more', async () => {
    const stop = new AbortController()
    const packing = pack(folderOf(files), Rules.of([]), {
      signal: stop.signal,
      onFile: () => stop.abort(new Error('enough')),
    })
    await expect(packing).rejects.toThrow('enough')
  })
})
