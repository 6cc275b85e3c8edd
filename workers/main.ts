/**
 * The whole life of a worker, top to bottom. It is born blank, is told its one task, does it, reports, and is gone.
 *
 * The orchestrator links this file and all that it imports into one module and starts that: every module costs each task
 * 0.6 ms of CPU (measured). So imports are free here, but a kind that imports one of these modules gets a copy of its own.
 */
import { AT_ONCE, encodeJson, FRAME, type Frame } from '../src/protocol/frame.ts'
import type { KindFrame, Start } from '../src/protocol/messages.ts'
import type { Json } from '../src/task/json.ts'
import { createContext, diagnosticsOf } from './context.ts'
import { startProfile, traceInterrupts } from './diagnostics.ts'
import { startHeartbeat } from './heartbeat.ts'
import { errorFrame, firstWord, resultFrame } from './last-word.ts'
import { openLifeLine } from './life-line.ts'
import { load, whyNotLoaded } from './load.ts'
import { closeReports, EXIT, keepOutputWhole, readStart, report, type Told } from './pipes.ts'
import { Questions } from './questions.ts'
import { LentSecrets } from './secrets.ts'

/** What is over sooner needs no life line: it is gone before it could be told anything, or hang. */
const lifeLineAfterMs = 20

// What helped to start this process, or is left of how it was, is not for the commands that a task starts.
delete process.env.NODE_COMPILE_CACHE
delete process.env.PWD
process.umask(0o077)
const endOutput = keepOutputWhole()
process.on('uncaughtException', fail)
process.on('exit', endOutput)

void begin(process.argv.splice(2))

/** Not awaited above: linked into a CommonJS module, this file can wait for nothing. */
async function begin(modules: readonly string[]): Promise<void> {
  const isAwaited = modules[0] === AT_ONCE
  for (const module of isAwaited ? modules.slice(1) : modules) await preload(module)
  if (!isAwaited) report(FRAME.BORN, firstWord())
  const told = await readStart({ load, rehearse })
  if (!told) process.exit(EXIT.NEVER_TOLD)
  try {
    report(FRAME.READY, isAwaited ? firstWord() : undefined)
    const result = await live(told, attend)
    report(FRAME.RESULT, resultFrame(result))
    leave()
  } catch (error) {
    fail(error)
  }
}

/** Whether a task needs it shows when the task asks for it, and says so better. */
async function preload(module: string): Promise<void> {
  await import(module).catch(() => {})
}

/** Its whole life for no task, unheard: what is called for the first time is compiled first, and no task waits for that. */
async function rehearse(kinds: readonly KindFrame[]): Promise<void> {
  const nothing = { task: '', tenant: '', kind: '', attempt: 0, module: '', kept: '', directory: null, uploads: {} }
  const start = { ...nothing, input: null, checkpoint: null, debug: false }
  for (const { module, text } of kinds) {
    const result = await live({ start, secrets: new Map(), code: load(module, text) }, () => {})
    encodeJson(FRAME.RESULT, resultFrame(result))
  }
}

/** What its task returns, which is told things in this way once it waits. */
async function live({ start, secrets, code }: Told, listen: (deliver: Deliver) => void): Promise<Json> {
  const questions = new Questions()
  const lent = new LentSecrets(secrets, questions)
  process.on('exit', () => lent.wipe())
  const { context, deliver } = createContext(start, lent, questions)
  const endProfile = start.debug ? await profile(start) : undefined
  try {
    const { default: definition } = await (code ?? load(start.module, start.text)).catch((error) => {
      throw whyNotLoaded(error, start)
    })
    const running = start.cleanup ? definition.cleanup(context) : definition.run(context)
    // Not before: nothing is to come between a task and its first line. What is over already can be told nothing.
    if (isPending(running) || questions.sent) listen(deliver)
    const result = ((await running) ?? null) as Json
    await questions.sent
    return result
  } finally {
    await endProfile?.()
  }
}

function isPending(running: unknown): boolean {
  return typeof (running as PromiseLike<unknown> | null | undefined)?.then === 'function'
}

type Deliver = (frame: Frame) => void

/** Listens, and says that it lives. */
function attend(deliver: Deliver): void {
  setTimeout(() => {
    openLifeLine(deliver)
    startHeartbeat()
    traceInterrupts()
  }, lifeLineAfterMs)
}

async function profile(start: Start): Promise<() => Promise<void>> {
  const end = await startProfile(diagnosticsOf(start))
  process.off('uncaughtException', fail)
  process.on('uncaughtException', (error) => void end().then(() => fail(error)))
  return end
}

interface Exiting {
  reallyExit(code: number): void
}

/**
 * The shortest way out, once all that it had to say is with the kernel, and whoever wants to know of the exit was told:
 * what V8 and the C library take down first goes with the process anyway, and would cost each task 0.8 ms of CPU (measured).
 */
function leave(): never {
  const exiting = process as typeof process & Exiting
  const { reallyExit } = exiting
  exiting.reallyExit = (code) => {
    // What a task has not waited for, and was under way, an exit waits for.
    if (!isAtFiles()) process.kill(process.pid, 'SIGKILL')
    reallyExit.call(process, code)
  }
  process.exit(0)
}

function isAtFiles(): boolean {
  return process.getActiveResourcesInfo().some((resource) => resource.startsWith('FSReq'))
}

function fail(error: unknown): never {
  report(FRAME.ERROR, errorFrame(error))
  closeReports()
  process.exit(EXIT.TASK_FAILED)
}
