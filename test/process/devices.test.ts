import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { furnishDevices } from '../../src/process/devices.ts'
import { userInside } from '../../src/process/probe.ts'
import { sandboxed } from '../../src/process/sandbox.ts'
import { viewOf } from '../../src/process/view.ts'
import { isInstalled } from '../fixtures/installed.ts'

const isRoot = process.getuid?.() === 0
const limits = { dataMiB: 1_024, fileMiB: 64, openFiles: 256, threads: 1_024 }
const everyUse = 'true </dev/null && head -c 1 /dev/urandom >/dev/null && echo x >/dev/shm/shared && cat /tmp/shared'

/** What a program said, and whether all went well. */
function outcomeOf(line: readonly string[], filter: string): Promise<{ isWell: boolean; said: string }> {
  return new Promise((resolve) => {
    execFile(
      'sh',
      ['-c', 'exec 5>/dev/null 6<"$1"; shift; exec "$@"', 'sh', filter, ...line],
      (error, stdout, stderr) => resolve({ isWell: error === null, said: `${stdout}${stderr}`.trim() }),
    )
  })
}

describe.skipIf(!isInstalled('bwrap'))('devices in a sandbox', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mayfly-devices-'))
  const workspace = join(directory, 'workspace')
  const tmp = join(workspace, 'tmp')
  beforeAll(() => mkdirSync(tmp, { recursive: true }))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  function inSandbox(script: string, areOwn = true) {
    const user = userInside()
    const [hidden, standIns] = [[], join(directory, 'stand-ins')]
    const view = viewOf({
      program: directory,
      kinds: [],
      mounts: [],
      sealed: [],
      hidden,
      standIns,
      user: user ?? 1_000,
    })
    const options = { noNamespaces: false, canCutOff: false, keepsInMemory: false, ...(user !== undefined && { user }) }
    const { wrap } = sandboxed({ ...view, dev: areOwn ? view.dev : undefined }, options)
    const walls = { limits, network: 'host', mounts: [], workspace, tmp, locate: (program: string) => program } as const
    return outcomeOf([...wrap(walls), 'sh', '-c', script], view.filter)
  }

  it.each([
    ['its own', true],
    ['those of the machine', false],
  ])('work as everywhere (%s)', async (_, areOwn) => {
    expect(await inSandbox(everyUse, areOwn)).toEqual({ isWell: true, said: 'x' })
  })

  it.each([
    'chmod 666 /dev/null',
    'touch -d 2020-01-01 /dev/full',
    'rm -f /dev/null',
    'chmod 777 /dev',
    'echo > /dev/planted',
  ])('cannot be changed, nor others be made: %s', async (attempt) => {
    expect((await inSandbox(attempt)).said).toMatch(/Read-only|[Pp]ermission|denied|not permitted|busy/)
  })

  it.runIf(isRoot)('are made by root, where they can be', () => {
    expect(furnishDevices(join(directory, 'dev'))).toBe(join(directory, 'dev'))
  })
})
