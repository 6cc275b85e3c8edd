/**
 * The whole life of a worker, top to bottom. It is born blank, is told its one task, does it, reports, and is gone.
 *
 * Every import here is paid for by every task: what only some need is loaded when they need it.
 */
import { closeSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { FRAME } from '../src/protocol/frame.ts'
import type { Start } from '../src/protocol/messages.ts'
import { createContext } from './context.ts'
import { errorFrame } from './failure.ts'
import { openLifeLine } from './life-line.ts'
import { keepOutputWhole } from './output.ts'
import { EXIT, readStart, report } from './pipes.ts'
import { usage } from './usage.ts'

// What helped to start this process is not for the commands that a task starts.
delete process.env.NODE_COMPILE_CACHE
process.umask(0o077)
keepOutputWhole()
process.on('uncaughtException', fail)

report(FRAME.READY)
const start = readStart()
if (!start) process.exit(EXIT.NEVER_TOLD)
await live(start)

async function live(start: Start): Promise<void> {
  const { context, deliver } = createContext(start)
  setImmediate(() => openLifeLine(deliver))
  try {
    const { default: definition } = await import(pathToFileURL(start.module).href)
    const result = (await definition.run(context)) ?? null
    report(FRAME.RESULT, { result, usage: usage() })
    process.exit(0)
  } catch (error) {
    fail(error)
  }
}

function fail(error: unknown): never {
  report(FRAME.ERROR, errorFrame(error))
  closeSync(4)
  process.exit(EXIT.TASK_FAILED)
}
