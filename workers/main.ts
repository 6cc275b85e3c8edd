/**
 * The whole life of a worker, top to bottom. It is born blank, is told its one task, does it, reports, and is gone.
 *
 * The orchestrator links this file and all that it imports into one module and starts that: every module costs each task
 * 0.6 ms of CPU (measured). So imports are free here, but a kind that imports one of these modules gets a copy of its own.
 */
import { encodeJson, FRAME } from '../src/protocol/frame.ts'
import { createContext, diagnosticsOf } from './context.ts'
import { startProfile, traceInterrupts } from './diagnostics.ts'
import { startHeartbeat } from './heartbeat.ts'
import { errorFrame, resultFrame } from './last-word.ts'
import { openLifeLine } from './life-line.ts'
import { closeReports, EXIT, keepOutputWhole, readStart, report, type Told } from './pipes.ts'
import { Questions } from './questions.ts'
import { LentSecrets } from './secrets.ts'

/** What is over sooner needs no life line: it is gone before it could be told anything, or hang. */
const lifeLineAfterMs = 20

// What helped to start this process is not for the commands that a task starts.
delete process.env.NODE_COMPILE_CACHE
process.umask(0o077)
const endOutput = keepOutputWhole()
process.on('uncaughtException', fail)

for (const module of process.argv.splice(2)) await load(module)
rehearse()
report(FRAME.BORN)
const told = await readStart(load)
if (told) await live(told)
else process.exit(EXIT.NEVER_TOLD)

/** What its task will need. */
async function load(module: string): Promise<void> {
  try {
    await import(module)
  } catch {
    // Whether the task needs it shows when the task asks for it, and says so better.
  }
}

/** Has compiled what every task needs, which happens when it is first called: a task of one that stands by does not wait for it. */
function rehearse(): void {
  const nothing = { task: '', tenant: '', kind: '', attempt: 0, module: '', kept: '', directory: null, uploads: {} }
  const questions = new Questions()
  createContext(
    { ...nothing, input: null, checkpoint: null, debug: false },
    new LentSecrets(new Map(), questions),
    questions,
  )
  encodeJson(FRAME.RESULT, resultFrame(null))
}

async function live({ start, secrets }: Told): Promise<void> {
  report(FRAME.READY)
  const questions = new Questions()
  const lent = new LentSecrets(secrets, questions)
  process.on('exit', () => {
    endOutput()
    lent.wipe()
  })
  const { context, deliver } = createContext(start, lent, questions)
  setTimeout(() => {
    openLifeLine(deliver)
    startHeartbeat()
    traceInterrupts()
  }, lifeLineAfterMs)
  const endProfile = start.debug ? await startProfile(diagnosticsOf(start)) : undefined
  if (endProfile) {
    process.off('uncaughtException', fail)
    process.on('uncaughtException', (error) => void endProfile().then(() => fail(error)))
  }
  try {
    const { default: definition } = await import(start.module)
    const result = (await (start.cleanup ? definition.cleanup(context) : definition.run(context))) ?? null
    await endProfile?.()
    report(FRAME.RESULT, resultFrame(result))
    process.exit(0)
  } catch (error) {
    await endProfile?.()
    fail(error)
  }
}

function fail(error: unknown): never {
  report(FRAME.ERROR, errorFrame(error))
  closeReports()
  process.exit(EXIT.TASK_FAILED)
}
