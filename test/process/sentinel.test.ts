import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { isGone, readStat } from '../../src/process/identity.ts'
import { Sentinel } from '../../src/process/sentinel.ts'
import { treeOf } from '../../src/process/usage.ts'
import { processesWith } from '../fixtures/aftermath.ts'

const program = fileURLToPath(new URL('../fixtures/children/programs/guarded.ts', import.meta.url))
const spawned: number[] = []

afterEach(() => {
  for (const group of spawned.splice(0)) {
    try {
      process.kill(-group, 'SIGKILL')
    } catch {}
  }
})

const membersOf = (group: number) =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && readStat(pid)?.group === group && !isGone(pid))

/** Those that this process has started. */
const sentinels = () => {
  const ours = treeOf(process.pid)
  return processesWith('add) groups=').filter((pid) => ours.includes(pid) && !isGone(pid))
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  const [chunk] = await once(stdout as NodeJS.ReadableStream, 'data')
  return String(chunk)
}

it('a sentinel kills the groups of an orchestrator that is killed with -9, spinning ones too, and no others', async () => {
  const orchestrator = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const { spinning, released } = JSON.parse(await firstLine(orchestrator))
  spawned.push(spinning, released)
  await expect.poll(() => membersOf(spinning)).toHaveLength(2)
  orchestrator.kill('SIGKILL')
  await once(orchestrator, 'exit')
  await expect.poll(() => membersOf(spinning), { timeout: 10_000 }).toEqual([])
  expect(membersOf(released)).toEqual([released])
})

it('a sentinel that is closed kills nobody', async () => {
  const sleeper = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
  const group = sleeper.pid ?? 0
  spawned.push(group)
  const sentinel = new Sentinel(() => {})
  sentinel.add(group)
  sentinel.close()
  const other = new Sentinel(() => {})
  other.add(group)
  expect(sentinels()).not.toEqual([])
  expect(membersOf(group)).toEqual([group])
  other.remove(group)
  other.close()
  await expect.poll(sentinels).toEqual([])
  expect(membersOf(group)).toEqual([group])
})
