/**
 * What a worker tells of itself where it hangs, or is debugged: files in its workspace, which the orchestrator masks and
 * keeps when nothing of it lives any more. The environment is in none of them.
 */
import { maskText } from '../src/mask/json.ts'
import { DIAGNOSTICS } from '../src/protocol/messages.ts'
import { needles } from './needles.ts'

/** Node's own report of what this process is and waits for. Where it cannot be written there is none. */
export function writeReport(directory: string): void {
  const { mkdirSync, renameSync, writeFileSync } = process.getBuiltinModule('node:fs')
  const file = `${directory}/${DIAGNOSTICS.report}`
  try {
    Object.assign(process.report, { excludeEnv: true, excludeNetwork: true })
    const report = JSON.stringify(process.report.getReport(), withoutEnvironment)
    mkdirSync(directory, { recursive: true })
    // Whole or not at all: it may be killed at any time.
    writeFileSync(`${file}.part`, maskText(report, needles))
    renameSync(`${file}.part`, file)
  } catch {}
}

/** Each thread has a report of its own in that of its process, and its environment there whatever is excluded. */
function withoutEnvironment(key: string, value: unknown): unknown {
  return key === 'environmentVariables' ? undefined : value
}

/**
 * From now on a SIGINT has this process print what JavaScript it runs, from a thread that Node has for that, and end. It
 * costs some 2 ms of CPU, most of them for modules of Node.
 */
export function traceInterrupts(): void {
  const { setTraceSigInt } = process.getBuiltinModule('node:util') as Partial<typeof import('node:util')>
  // Since Node 24.6.
  setTraceSigInt?.(true)
}

/** Until its profile is written a worker waits so long and no longer. */
const longestWaitMs = 2_000
/** An event loop that has not turned for this long is profiled from outside of it: it may never turn again. */
const blockedMs = 1_000
/** Of a longer task the last part: what is older is let go, so that memory is bounded. */
const partMs = 300_000
/** A hundredth of a second tells where time goes, and costs next to nothing. */
const sampleMicroseconds = 10_000

/**
 * Profiles the main thread from a thread of its own, which can look at it also while it spins. Resolves when it does;
 * what is returned writes what was found.
 */
export async function startProfile(directory: string): Promise<() => Promise<void>> {
  const { Worker } = process.getBuiltinModule('node:worker_threads')
  process.getBuiltinModule('node:fs').mkdirSync(directory, { recursive: true })
  const turns = new Int32Array(new SharedArrayBuffer(4))
  const workerData = { directory, turns, blockedMs, partMs, sampleMicroseconds, files: DIAGNOSTICS }
  // From its text: the worker is linked into one module, and has no other to start.
  const thread = new Worker(`(${profileMain})()`, { eval: true, workerData })
  thread.on('error', () => {})
  setInterval(() => Atomics.add(turns, 0, 1), blockedMs / 4).unref()
  const answer = () =>
    new Promise<void>((resolve) => {
      thread.once('message', () => resolve())
      thread.once('exit', () => resolve())
      setTimeout(resolve, longestWaitMs)
    })
  await answer()
  thread.unref()
  return () => {
    const written = answer()
    thread.postMessage('write')
    return written
  }
}

/** What that thread does; it sees nothing but its data. */
async function profileMain(): Promise<void> {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads')
  const { Session } = process.getBuiltinModule('node:inspector/promises')
  const { renameSync, writeFileSync } = process.getBuiltinModule('node:fs')
  const { directory, blockedMs, partMs, sampleMicroseconds, files } = workerData
  const turns: Int32Array<SharedArrayBuffer> = workerData.turns
  const session = new Session()
  let [lastTurn, blockedFor, writeAt, startedAt] = [-1, 0, blockedMs, performance.now()]
  const look = setInterval(() => {
    const turn = Atomics.load(turns, 0)
    blockedFor = turn === lastTurn ? blockedFor + blockedMs / 2 : 0
    lastTurn = turn
    if (blockedFor === 0) writeAt = blockedMs
    // Ever more seldom: the last one tells of half the time at least.
    if (blockedFor >= writeAt) {
      writeAt *= 2
      void write()
    } else if (performance.now() - startedAt > partMs) void restart()
  }, blockedMs / 2)
  session.connectToMainThread()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: sampleMicroseconds })
  await session.post('Profiler.start')
  parentPort?.on('message', async () => {
    clearInterval(look)
    await write()
    parentPort?.postMessage('written')
  })
  parentPort?.postMessage('ready')

  async function restart() {
    startedAt = performance.now()
    const { profile } = await session.post('Profiler.stop')
    await session.post('Profiler.start')
    return profile
  }

  async function write(): Promise<void> {
    try {
      const profile = await restart()
      const heap = (await session.post('Runtime.getHeapUsage')) as unknown as Record<string, number>
      save(files.profile, profile)
      save(files.heap, { ...heap, rssBytes: process.memoryUsage.rss(), resources: process.resourceUsage() })
    } catch {
      // There is no room, or no main thread any more: then there is no profile.
    }
  }

  /** Whole or not at all: it may be killed at any time. */
  function save(name: string, value: unknown): void {
    writeFileSync(`${directory}/${name}.part`, JSON.stringify(value))
    renameSync(`${directory}/${name}.part`, `${directory}/${name}`)
  }
}
