import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { formsOf, tracesInMemory } from '../../src/process/traces.ts'

const module = (name: string) => JSON.stringify(new URL(`../../src/${name}`, import.meta.url).href)

/** Copies what it is told while it waits for processes that end meanwhile, and wipes all that it has of it. */
const program = `
  import { readSync, writeSync } from 'node:fs'
  import { hearOfEndsAside } from ${module('process/ends-aside.ts')}
  import { openLibc } from ${module('process/libc.ts')}
  import { zeroable } from ${module('system/zeroable.ts')}
  hearOfEndsAside()
  const libc = openLibc()
  process.on('SIGCHLD', () => told())
  let told
  const isTold = new Promise((resolve) => (told = resolve))
  const order = { path: '/bin/true', argv: ['true'], env: [], cwd: '/', given: [null, null, null] }
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

it.runIf(process.platform === 'linux')(
  'no secret stays where signals come that tell of ended processes, and they are told of',
  async () => {
    const filling = Buffer.from('Kx3_vT9-QpLw7ZdR')
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    try {
      child.stdin.write(Buffer.alloc(256, filling))
      await once(child.stdout, 'data')
      expect(tracesInMemory(child.pid ?? 0, formsOf(filling.subarray(0, 12))).hits).toBe(0)
    } finally {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  },
  120_000,
)
