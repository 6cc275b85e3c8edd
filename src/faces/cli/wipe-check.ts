/** Proves that a secret is gone: a task gets a random one, and when it has ended the secret is looked for everywhere. */
import { randomFillSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Mayfly } from '../../client/client.ts'
import { MayflyError } from '../../client/errors.ts'
import { isEnd } from '../../client/watch.ts'
import { ServerProcess } from '../server-process.ts'
import { CommandError, EXIT } from './exit.ts'
import type { TraceTools } from './io.ts'
import type { Session } from './session.ts'

/** One place that was searched. */
export interface Searched {
  readonly place: string
  readonly bytes: number
  readonly hits: number
  /** It must be found there: that proves the search. */
  readonly isControl?: boolean
}

interface Subject {
  readonly client: Mayfly
  readonly data: string
  end(): Promise<void>
}

/** Searches a server that keeps its data here, or one that is started for it in a directory of its own. */
export async function checkWipe(session: Session): Promise<readonly Searched[]> {
  if (process.platform !== 'linux')
    throw new CommandError('only Linux shows the memory of processes: run it there', EXIT.FAILED)
  const tools = await session.io.host.traces()
  const subject = await subjectOf(session)
  const canary = newCanary()
  try {
    const since = Date.now()
    const said = await runWith(canary, subject.client)
    return search({ canary, said, since, pid: pidIn(subject.data), data: subject.data, tools })
  } finally {
    canary.fill(0)
    await subject.end()
  }
}

/** Every mark of a wipe that failed, or of a search that does not find. */
export function isClean(all: readonly Searched[]): boolean {
  return all.every(({ hits, isControl = false }) => hits > 0 === isControl)
}

async function subjectOf(session: Session): Promise<Subject> {
  const { settings, out, io } = session
  if (await answers(session)) {
    if (settings.isOwn) return { client: session.client, data: settings.data.value, end: async () => {} }
    const advice = 'run this where it runs, as its user, with --data its data directory'
    throw new CommandError(
      `${settings.url.value} does not keep its data in ${settings.data.value}: ${advice}`,
      EXIT.USAGE,
    )
  }
  const data = mkdtempSync(join(tmpdir(), 'mayfly-wipe-check-'))
  out.note('no server answers: one is started for this check')
  const server = await ServerProcess.start({ program: io.program, data, env: io.env })
  return {
    client: session.clientAt(server.url, server.token),
    data,
    async end() {
      await server.stop()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

async function answers(session: Session): Promise<boolean> {
  const { settings } = session
  try {
    await session.clientAt(settings.url.value).health()
    return true
  } catch (error) {
    if (settings.isNamed || !(error instanceof MayflyError) || error.code !== 'UNREACHABLE') throw error
    return false
  }
}

/** Digits alone, which no form of it changes beyond what is searched for; made and kept in bytes. */
function newCanary(): Buffer {
  const canary = randomFillSync(Buffer.from(new ArrayBuffer(48)))
  for (const [at, byte] of canary.entries()) canary[at] = 0x61 + (byte % 26)
  return canary
}

/** Past whatever the worker masks, on both outputs: whole, in pieces that come apart, as base64; and into a file. */
const blurting = `
  blurt() {
    printf '%s\\n' "$CANARY"
    printf %.7s "$CANARY"; sleep 0.1; printf '%s\\n' "\${CANARY#???????}"
    printf %s "$CANARY" | base64
  }
  blurt; blurt >&2; printf %s "$CANARY" > canary`

/** A command that prints its secret, where secrets may be handed on to commands; else a task that is only lent it. */
async function runWith(canary: Buffer, client: Mayfly): Promise<string> {
  const printing = { command: ['sh', '-c', blurting], secretEnv: { CANARY: 'canary' } }
  const submit = (input: typeof printing | { command: string[] }) =>
    client.submit({ kind: 'exec', input, retry: { maxAttempts: 1 } }, { oneTime: { canary } })
  const { id } = await submit(printing).catch((error) => {
    if (!(error instanceof MayflyError) || error.code !== 'FORBIDDEN') throw error
    return submit({ command: ['true'] })
  })
  let said = ''
  for await (const event of client.watch(id)) {
    said += JSON.stringify(event)
    if (isEnd(event) && event.type !== 'task.succeeded') {
      throw new CommandError(`the task of the check did not succeed: ${JSON.stringify(event.data)}`, EXIT.FAILED)
    }
  }
  return said + JSON.stringify(await client.get(id))
}

function pidIn(data: string): number {
  try {
    return Number(JSON.parse(readFileSync(join(data, 'orchestrator.json'), 'utf8')).pid)
  } catch {
    throw new CommandError(`${data} does not say which process is its server: start that again`, EXIT.FAILED)
  }
}

interface Search {
  readonly canary: Buffer
  /** What clients were told of the task. */
  readonly said: string
  readonly since: number
  readonly pid: number
  readonly data: string
  readonly tools: TraceTools
}

type Found = ReturnType<TraceTools['tracesInMemory']>
type Place = readonly [place: string, look: () => Found]

const filesOfJournal = ['journal.db', 'journal.db-wal', 'journal.db-shm']
const directories = ['workspaces', 'artifacts', 'uploads', 'kept', 'compile-cache']

function search({ canary, said, since, pid, data, tools }: Search): readonly Searched[] {
  const forms = tools.formsOf(canary)
  const inFiles = (files: readonly string[]) => tools.sumOf(files.map((file) => tools.tracesInFile(file, forms)))
  const below = (path: string) => inFiles(tools.filesBelow(path))
  const known = [...filesOfJournal, ...directories].map((name) => join(data, name))
  const isKnown = (path: string) => known.some((one) => path === one || path.startsWith(`${one}/`))
  const others = tools.descendantsOf(pid).filter((child) => child !== process.pid)
  const places: Place[] = [
    [`memory of the orchestrator, process ${pid}`, () => tracesInMemory(pid, forms, tools)],
    ...others.map(
      (child): Place => [
        `memory of its process ${child}`,
        () => tracesInMemory(child, forms, { tracesInMemory: tools.tracesInDescendant }),
      ],
    ),
    ['environment and command line of every process', () => tools.tracesInProc(forms)],
    ...filesOfJournal.map((name): Place => [name, () => inFiles([join(data, name)])]),
    ...directories.map((name): Place => [`${name}/`, () => below(join(data, name))]),
    ['all else in the data directory', () => inFiles(tools.filesBelow(data).filter((path) => !isKnown(path)))],
    ['log files of the orchestrator', () => inFiles(tools.outputsOf(pid))],
    [
      `files in ${tmpdir()} changed meanwhile`,
      () => inFiles(tools.filesBelow(tmpdir(), (_, stats) => stats().mtimeMs >= since - 1_000)),
    ],
    ['events, log and result of the task', () => tools.tracesInBytes(Buffer.from(said), forms)],
  ]
  const searched = places.map(([place, look]) => ({ place, ...look() }))
  const own = tools.tracesInMemory(process.pid, [forms[0] as Buffer])
  return [...searched, { place: 'memory of this check, which still has it', ...own, isControl: true }]
}

/** Throws when it cannot be looked at: that must not pass for a clean one. */
export function tracesInMemory(
  pid: number,
  forms: readonly Buffer[],
  { tracesInMemory }: Pick<TraceTools, 'tracesInMemory'>,
): Found {
  try {
    return tracesInMemory(pid, forms)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH')
      throw new CommandError(`process ${pid} ended while it was looked at: run this again`, EXIT.FAILED)
    if (code !== 'EACCES' && code !== 'EPERM') throw error
    const advice = 'run this as root, or stop the server: without one it starts its own, and may look at that'
    throw new CommandError(`the memory of process ${pid} may not be read (${code}): ${advice}`, EXIT.FAILED)
  }
}
