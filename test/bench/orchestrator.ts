/** The product as a user starts it, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { cleanEnvironment, pathOf } from './program.ts'

export interface Orchestrator {
  readonly child: ChildProcess
  readonly url: URL
  readonly token: string
  stop(): Promise<void>
}

/** `prepare` is given its data directory before it starts. */
export async function startOrchestrator(
  settings: object = {},
  prepare = async (_data: string) => {},
): Promise<Orchestrator> {
  const data = await mkdtemp(join(tmpdir(), 'mayfly-bench-'))
  await prepare(data)
  // What is measured is how fast it is, not how fast it lets a tenant be, nor what else the machine does.
  const config = join(data, 'config.json')
  const tenant = { submitsPerMinute: 10_000_000, queued: 10_000_000 }
  // Nor is one to be counted as waiting that was born for what nobody asks for here.
  const standbyFloor = { critical: 1, normal: 0, batch: 0 }
  await writeFile(config, JSON.stringify({ tenant, scaling: false, standbyFloor, ...settings }))
  const args = ['--config', config, '--port', '0', '--data', data, '--kinds', pathOf('kinds')]
  const child = spawn(process.execPath, [pathOf('../../src/bin.js'), ...args], {
    env: cleanEnvironment,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = new URL(await listening(child.stdout))
  const token = (await readFile(join(data, 'admin-token'), 'utf8')).trim()
  return {
    child,
    url,
    token,
    async stop() {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      child.kill('SIGTERM')
      await exited
      await rm(data, { recursive: true, force: true })
    },
  }
}

async function listening(stdout: Readable): Promise<string> {
  for await (const line of createInterface({ input: stdout })) {
    const { url } = JSON.parse(line) as { url?: string }
    stdout.resume()
    if (url !== undefined) return url
  }
  throw new Error('the orchestrator did not start')
}
