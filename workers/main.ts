/**
 * The whole life of a worker, top to bottom. It is born blank, is told its one task, does it, reports, and is gone.
 *
 * Every module that is imported here is paid for by every task, 0.6 ms of CPU each (measured): what only some need is
 * loaded when they need it.
 */
import { FRAME } from '../src/protocol/frame.ts'
import type { Start } from '../src/protocol/messages.ts'
import { createContext } from './context.ts'
import { errorFrame, resultFrame } from './last-word.ts'
import { closeReports, EXIT, keepOutputWhole, readStart, report } from './pipes.ts'

/** What is over sooner needs no life line: it is gone before it could be told anything. */
const lifeLineAfterMs = 20

// What helped to start this process is not for the commands that a task starts.
delete process.env.NODE_COMPILE_CACHE
process.umask(0o077)
keepOutputWhole()
process.on('uncaughtException', fail)

report(FRAME.READY)
const start = readStart()
await (start ? live(start) : leave())

async function live(start: Start): Promise<void> {
  const { context, deliver } = createContext(start)
  setTimeout(async () => (await import('./life-line.ts')).openLifeLine(deliver), lifeLineAfterMs)
  try {
    const { default: definition } = await import(start.module)
    const result = (await definition.run(context)) ?? null
    report(FRAME.RESULT, resultFrame(result))
    process.exit(0)
  } catch (error) {
    fail(error)
  }
}

/** Nothing was begun. A first worker is let go like this to fill the compile cache: with what others load later, too. */
async function leave(): Promise<never> {
  await import('./life-line.ts')
  process.exit(EXIT.NEVER_TOLD)
}

function fail(error: unknown): never {
  report(FRAME.ERROR, errorFrame(error))
  closeReports()
  process.exit(EXIT.TASK_FAILED)
}
