import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KindList } from '../../src/contract/kinds.ts'
import { typesOf } from '../../src/faces/cli/types/kinds.ts'
import { startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

const root = join(import.meta.dirname, '../..')
const consumer = mkdtempSync(join(tmpdir(), 'mayfly-consumer-'))
const installed = join(consumer, 'node_modules/mayfly')
/** What the README shows of kinds with types. */
const [shown = ''] =
  /^ {4}import type \{ Kinds \}(?:.*\n)+?(?=\S)/m.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? []
/** `npm run test:package` packs and installs with npm, with all that the server needs: a minute, or two. */
const whole = process.env.MAYFLY_PACKAGE === 'whole'
let server: TestMayfly

beforeAll(async () => {
  write('package.json', '{"type": "module"}')
  if (whole) packAndInstall()
  else build()
  server = await startMayfly()
  const { items } = await server.get<KindList>('/kinds')
  write('kinds.d.ts', typesOf(items))
}, 300_000)

afterAll(async () => {
  await server?.remove()
  rmSync(consumer, { recursive: true, force: true })
})

function packAndInstall(): void {
  const packed = run('npm', ['pack', '--silent', '--pack-destination', consumer], root)
  const tarball = packed.trim().split('\n').at(-1) ?? ''
  run('npm', ['install', '--no-audit', '--no-fund', '--omit=optional', `./${tarball}`], consumer)
}

/** What `npm pack` does first, right into the place where npm would lay it. */
function build(): void {
  const { stderr, status } = spawnSync(
    process.execPath,
    ['config/package/main.ts', relative(root, join(installed, 'dist'))],
    {
      cwd: root,
      encoding: 'utf8',
      timeout: 60_000,
    },
  )
  if (status !== 0) throw new Error(stderr)
  copyFileSync(join(root, 'package.json'), join(installed, 'package.json'))
}

function run(program: string, args: readonly string[], cwd: string): string {
  return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 200_000 })
}

const write = (name: string, text: string) => writeFileSync(join(consumer, name), text)

describe('what is packed', () => {
  it('has a client and what authors of kinds import as JavaScript, which plain Node runs', async () => {
    write(
      'run.js',
      `import { Mayfly } from 'mayfly/client'
      import { FatalError, defineTask } from 'mayfly/task'
      const [url, token] = process.argv.slice(2)
      const result = await new Mayfly({ url, token }).run({ kind: 'exec', input: { command: ['true'] } })
      console.log(JSON.stringify([result, new FatalError('no').retryable, typeof defineTask]))`,
    )
    // Not to be waited for with this process, in which the server is.
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['run.js', server.url, server.token], {
      cwd: consumer,
      timeout: 30_000,
    })
    expect([stdout.trim(), stderr]).toEqual(['[{"exitCode":0},false,"function"]', ''])
  })

  it('has a client that loads nothing, so that browsers take it as it is', () => {
    const code = readFileSync(join(installed, 'dist/client.js'), 'utf8')
    expect(code).not.toMatch(/^import\b|\bimport\(|\brequire\(|node:/m)
  })

  it('has types that take the right input of a kind alone and know its result, without Node’s and without ours', () => {
    write('consumer.ts', readFileSync(join(import.meta.dirname, 'fixtures/consumer.ts'), 'utf8'))
    write(
      'readme.ts',
      `import { Mayfly } from 'mayfly/client'\nconst [url, token] = ['', '']\n${shown}export { findings }`,
    )
    const options = {
      module: 'nodenext',
      target: 'es2024',
      lib: ['es2024', 'dom', 'dom.asynciterable'],
      types: [],
      strict: true,
    }
    const compilerOptions = { ...options, noEmit: true, exactOptionalPropertyTypes: true, skipLibCheck: false }
    write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['consumer.ts', 'readme.ts'] }))
    const tsc = join(root, 'node_modules/typescript-native/bin/tsc')
    const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', consumer], {
      cwd: consumer,
      encoding: 'utf8',
      timeout: 60_000,
    })
    expect([stdout, status]).toEqual(['', 0])
  })
})
