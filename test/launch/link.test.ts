import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { link } from '../../src/launch/link.ts'
import { startMayfly } from '../fixtures/mayfly.ts'

const program = fileURLToPath(new URL('../../workers/main.ts', import.meta.url))
const environment = { PATH: process.env.PATH ?? '' }

const directory = mkdtempSync(join(tmpdir(), 'mayfly-link-'))
const kinds = mkdtempSync(join(tmpdir(), 'mayfly-link-kinds-'))
afterAll(() => {
  for (const path of [directory, kinds]) rmSync(path, { recursive: true, force: true })
})

describe('the linked worker', () => {
  const said: string[] = []
  const logger = pino({}, { write: (line: string) => void said.push(line) })
  let code: string

  beforeAll(async () => {
    code = readFileSync(await link(program, directory, environment, logger), 'utf8')
  })

  it('imports no other module but that of its kind and what it names', () => {
    expect(code.match(/\brequire(Here)?\(.*?\)/g)).toEqual(['requireHere(path)'])
    expect(code.match(/\bimport\(\S*/g)).toEqual([
      expect.stringContaining('pathToFileURL(path)'),
      expect.stringContaining('import(module)'),
    ])
  })

  it('keeps its names, which people look for in traces', () => {
    expect(code).toContain('function readStart(')
  })

  it('is the program itself, and the log says so, where it cannot be linked', async () => {
    const broken = join(kinds, 'broken.ts')
    writeFileSync(broken, 'import "./not-there.ts"')
    expect(said).toEqual([])
    expect(await link(broken, directory, environment, logger)).toBe(broken)
    expect(said.join()).toContain('could not be linked')
    expect(said.join()).toContain('not-there.ts')
  })
})

describe('a worker', () => {
  it('is born from the linked module, which nobody may write, wherever its data lie', async () => {
    writeFileSync(
      join(kinds, 'born-from.js'),
      "export default { kind: 'born-from', pool: 'normal', input: {}, run: () => process.argv[1] }",
    )
    const mayfly = await startMayfly({ config: { kinds: [kinds] }, data: join(directory, 'node_modules', 'data') })
    try {
      const { result } = await mayfly.run({ kind: 'born-from' })
      expect(result).toBe(join(mayfly.data, 'compile-cache', 'worker.cjs'))
      expect(statSync(String(result)).mode & 0o222).toBe(0)
    } finally {
      await mayfly.remove()
    }
  })
})
