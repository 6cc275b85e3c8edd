/** What the doctor looks at, one finding each. */
import { constants } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { MayflyError } from '../../client/errors.ts'
import type { Readiness } from '../../contract/readiness.ts'
import { CommandError } from './exit.ts'
import type { Session } from './session.ts'
import { size } from './words.ts'

interface Finding {
  readonly what: string
  readonly verdict: 'good' | 'poor' | 'bad'
  readonly found: string
  /** What to do about it. */
  readonly advice?: string
}

export async function examine(session: Session): Promise<readonly Finding[]> {
  return [node(), await isolation(session), await data(session), await disk(session), ...(await server(session))]
}

const oldestMajor = 24

function node(): Finding {
  const { version } = process
  const isNew = Number(version.slice(1).split('.')[0]) >= oldestMajor
  return isNew
    ? { what: 'node', verdict: 'good', found: version }
    : { what: 'node', verdict: 'bad', found: version, advice: `install Node ${oldestMajor} or newer` }
}

async function isolation({ io }: Session): Promise<Finding> {
  const { level, missing, advice, beyond } = await io.host.isolation()
  const found = `level ${level} works here`
  if (missing === '') return { what: 'isolation', verdict: 'good', found: `${found}, ${highest(beyond)}` }
  return { what: 'isolation', verdict: 'poor', found: `${found}; ${missing}`, advice: advice.join('; ') }
}

/** Nobody has it who does not give tasks users of their own. */
function highest(lacked: readonly string[]): string {
  const next = 'the highest without users for tasks: level 3 (a user for each, hard limits of memory and processes)'
  return lacked.length === 0
    ? `${next} takes \`users\` in the config file, and this machine has what else it needs`
    : `${next} would lack ${lacked.join(', ')} here`
}

async function data({ settings }: Session): Promise<Finding> {
  const path = settings.data.value
  const where = await nearestExisting(path)
  const found = await stat(where)
  if (!found.isDirectory()) {
    return { what: 'data', verdict: 'bad', found: `${where} is no directory`, advice: 'name another one with --data' }
  }
  try {
    await access(where, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch {
    const advice = `give it to the user that runs Mayfly, or name another one with --data`
    return { what: 'data', verdict: 'bad', found: `${where} cannot be written`, advice }
  }
  if (where !== path) return { what: 'data', verdict: 'good', found: `${path} is made at the first start` }
  const open = (found.mode & 0o022) !== 0
  if (!open) return { what: 'data', verdict: 'good', found: path }
  return { what: 'data', verdict: 'poor', found: `${path} can be written by others`, advice: `chmod go-w ${path}` }
}

/** What is there of a path that need not be there yet. */
async function nearestExisting(path: string): Promise<string> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  )
  return isThere || path === dirname(path) ? path : nearestExisting(dirname(path))
}

const littleBytes = 1024 ** 3

async function disk({ settings }: Session): Promise<Finding> {
  const { bavail, bsize } = await statfs(await nearestExisting(settings.data.value))
  const free = bavail * bsize
  const found = `${size(free)} free`
  if (free > littleBytes) return { what: 'disk', verdict: 'good', found }
  return { what: 'disk', verdict: 'poor', found, advice: 'free some: tasks wait when there is no space left' }
}

const toleratedSkewMs = 2_000

async function server(session: Session): Promise<readonly Finding[]> {
  const { url } = session.settings
  try {
    const client = session.clientAt(url.value)
    const asked = Date.now()
    const { readiness, serverTime } = await client.readyAt()
    const { ready, reason, isolation, standby } = readiness
    const took = Date.now() - asked
    const found = `${url.value} ${ready ? 'takes work' : `takes no work: ${reason}`}, isolation level ${isolation.level}`
    return [
      { what: 'server', verdict: ready ? 'good' : 'poor', found },
      standing(standby),
      ...soundness(isolation),
      clock(serverTime === null ? null : serverTime - (asked + took / 2)),
      await tokenWorks(session),
    ]
  } catch (error) {
    if (!(error instanceof MayflyError)) throw error
    const advice = 'start it with `mayfly serve`, or name it with --url'
    return [{ what: 'server', verdict: 'poor', found: error.message, advice }]
  }
}

/** A server of an earlier version does not tell. */
function standing(standby: Readiness['standby'] | undefined): Finding {
  const { waiting = 0, failing = false } = standby ?? {}
  const found = `${waiting} workers stand by for tasks`
  if (!failing) return { what: 'standby', verdict: 'good', found }
  const advice = 'those that are to stand by do not come up: the log of the server says why'
  return { what: 'standby', verdict: 'poor', found, advice }
}

/** Nothing to say while what stands around workers works; a server of an earlier version does not tell. */
function soundness({ failing = false }: Partial<Readiness['isolation']>): readonly Finding[] {
  if (!failing) return []
  const found = 'what seals workers off does not work any more: no task starts until it does'
  const advice = 'the log of the server says why, and `mayfly doctor` on its machine what is missing'
  return [{ what: 'sandbox', verdict: 'bad', found, advice }]
}

/** A Date header has whole seconds. */
function clock(skewMs: number | null): Finding {
  if (skewMs === null) return { what: 'clock', verdict: 'good', found: 'the server does not say its time' }
  const found = `${Math.round(Math.abs(skewMs) / 1000)} s apart from the server's`
  if (Math.abs(skewMs) <= toleratedSkewMs) return { what: 'clock', verdict: 'good', found }
  return {
    what: 'clock',
    verdict: 'poor',
    found,
    advice: 'times that you give mean other moments there: set the clock',
  }
}

async function tokenWorks(session: Session): Promise<Finding> {
  try {
    await session.client.list({ limit: 1 }).next()
    return { what: 'token', verdict: 'good', found: 'the server takes it' }
  } catch (error) {
    if (!(error instanceof MayflyError || error instanceof CommandError)) throw error
    return { what: 'token', verdict: 'bad', found: error.message }
  }
}
