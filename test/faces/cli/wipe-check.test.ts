import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { tracesInMemory } from '../../../src/faces/cli/wipe-check.ts'
import * as tools from '../../../src/process/traces.ts'

const source = (path: string) => fileURLToPath(new URL(`../../../src/${path}`, import.meta.url))
const nobody = 65_534

/** Looks at a process as somebody who has no right to. */
const looking = (pid: number) => `
  import { tracesInMemory } from '${source('faces/cli/wipe-check.ts')}'
  import * as tools from '${source('process/traces.ts')}'
  try {
    tracesInMemory(${pid}, [Buffer.from('x')], tools)
  } catch (error) {
    console.log(error.message)
  }`

it.skipIf(process.getuid?.() !== 0)(
  'what may not be looked at is said in a sentence, with what to do (skipped unless root)',
  () => {
    const run = ['--input-type=module', '-e', looking(process.pid)]
    const { stdout } = spawnSync(process.execPath, run, { uid: nobody, gid: nobody, cwd: '/', encoding: 'utf8' })
    expect(stdout).toBe(
      `the memory of process ${process.pid} may not be read (EACCES): run this as root, or stop the server: without one it starts its own, and may look at that\n`,
    )
  },
)

it('a process that has ended passes for no clean one', () => {
  const { pid } = spawnSync('true')
  expect(() => tracesInMemory(pid, [Buffer.from('x')], tools)).toThrow(
    `process ${pid} ended while it was looked at: run this again`,
  )
})
