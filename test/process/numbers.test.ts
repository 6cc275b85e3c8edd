import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { afterAll, expect, it, vi } from 'vitest'
import { STATUS_FD } from '../../src/process/descriptors.ts'
import { FirstProcess } from '../../src/process/first.ts'
import { canLimitNumbers, limitNumbers } from '../../src/process/numbers.ts'
import { userInside } from '../../src/process/probe.ts'
import { sandboxed } from '../../src/process/sandbox.ts'
import { viewOf } from '../../src/process/view.ts'
import { isInstalled } from '../fixtures/installed.ts'

const directory = mkdtempSync(join(tmpdir(), 'mayfly-numbers-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const limits = { dataMiB: 1_024, fileMiB: 64, openFiles: 256, threads: 100_000 }
const machines = () => readFileSync('/proc/sys/kernel/pid_max', 'utf8')

/** Waits for the brake, tries to loosen it, and breeds. */
const bomb = `
  echo up
  until [ "$(cat /proc/sys/kernel/pid_max)" = 512 ]; do sleep 0.02; done
  (echo 9999 > /proc/sys/kernel/pid_max) || echo held
  i=0; while [ $i -lt 700 ]; do sleep 60 & i=$((i+1)); echo $i; done`

it.skipIf(!canLimitNumbers || !isInstalled('bwrap') || !isInstalled('nsenter'))(
  'a bomb of processes in a sandbox of root is stopped by the kernel, and cannot loosen that',
  async () => {
    const before = machines()
    const [tmp, user] = [join(directory, 'work', 'tmp'), userInside() ?? 1_000]
    mkdirSync(tmp, { recursive: true })
    const shown = {
      program: directory,
      kinds: [],
      mounts: [],
      sealed: [],
      hidden: [],
      standIns: join(directory, 'world'),
    }
    const view = viewOf({ ...shown, user })
    const { wrap } = sandboxed(view, {
      noNamespaces: true,
      canCutOff: false,
      keepsInMemory: false,
      user,
    })
    const [program = '', ...args] = wrap({
      limits,
      network: 'host',
      mounts: [],
      workspace: join(directory, 'work'),
      tmp,
      locate: (program) => program,
    })
    const filter = openSync(view.filter, 'r')
    const given = ['ignore', 'pipe', 'pipe', 'ignore', 'ignore', 'pipe', filter] as const
    const child = spawn(program, [...args, 'sh', '-c', bomb], { stdio: [...given] })
    closeSync(filter)
    const first = new FirstProcess((child.stdio as readonly unknown[])[STATUS_FD] as Readable)
    let said = ''
    for (const pipe of [child.stdout, child.stderr]) pipe?.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await once(child.stdout as Readable, 'data')
    // bwrap tells of its first process on another pipe, which may be read after this one.
    const namespace = (await vi.waitUntil(() => first.openNamespace(), { timeout: 10_000 })) as number
    expect(await limitNumbers(namespace, 20)).toBe(true)
    closeSync(namespace)
    await once(child, 'close')
    await first.ended()
    expect(said).toMatch(/^held$/m)
    expect(said).toMatch(/fork/i)
    const bred = Number(said.match(/^\d+$/gm)?.at(-1))
    expect(bred).toBeGreaterThan(100)
    expect(bred).toBeLessThan(512)
    expect(machines()).toBe(before)
    expect(first.openNamespace()).toBeUndefined()
  },
)
