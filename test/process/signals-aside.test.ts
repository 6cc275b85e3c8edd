import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { openLibc } from '../../src/process/libc.ts'
import { formsOf, tracesInMemory } from '../../src/process/traces.ts'
import { tellLibraries } from '../../src/start-over.ts'

const module = (name: string) => JSON.stringify(new URL(`../../src/${name}`, import.meta.url).href)

/** Copies what it is told while it waits for processes that signal meanwhile, and wipes all that it has of it. */
const programFor = (signal: string, script: string) => `
  import { readSync, writeSync } from 'node:fs'
  import { hearSignalsAside } from ${module('process/signals-aside.ts')}
  import { openLibc } from ${module('process/libc.ts')}
  import { zeroable } from ${module('system/zeroable.ts')}
  hearSignalsAside()
  const libc = openLibc()
  let told
  const isTold = new Promise((resolve) => (told = resolve))
  process.on('${signal}', () => told())
  const order = { path: '/bin/sh', argv: ['sh', '-c', '${script}'], env: [], cwd: '/', given: Array(3).fill("/dev/null") }
  const secret = zeroable(256)
  const copy = zeroable(256)
  readSync(0, secret)
  for (let times = 0; times < 40; times++) {
    for (const pid of Array.from({ length: 5 }, () => libc.spawn(order))) {
      do copy.set(secret)
      while (!libc.ended(pid))
    }
  }
  copy.fill(0)
  secret.fill(0)
  setInterval(() => {}, 60_000)
  await isTold
  writeSync(1, 'wiped')`

const filling = Buffer.from('Kx3_vT9-QpLw7ZdR')

async function said(child: ChildProcess): Promise<string> {
  let said = ''
  child.stdout?.on('data', (text) => (said += text))
  await Promise.race([once(child.stdout as NodeJS.EventEmitter, 'data'), once(child, 'exit')])
  return said
}

describe.runIf(openLibc())('no secret stays where a signal comes, and yet it is heard:', () => {
  it.each([
    ['SIGCHLD', 'true'],
    ['SIGHUP', 'kill -HUP $PPID'],
    ['SIGTERM', 'kill -TERM $PPID'],
  ])('%s', { timeout: 60_000 }, async (signal, script) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', programFor(signal, script)], {
      // Else it is laid down elsewhere, too.
      env: { ...process.env, ...tellLibraries(process.env) },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    try {
      child.stdin.write(Buffer.alloc(256, filling))
      expect(await said(child)).toBe('wiped')
      expect(tracesInMemory(child.pid ?? 0, formsOf(filling.subarray(0, 12))).hits).toBe(0)
    } finally {
      child.kill('SIGKILL')
      await exited
    }
  })
})
