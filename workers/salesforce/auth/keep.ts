/**
 * Renews the session of an org before it ends: the work of auth.keep. Until then the task has no process and no slot.
 *
 *     read the session ──▶ suspended until a tenth of its life is left ──▶ auth.refresh ──▶ over
 *                               └─ somebody else has renewed it: once more
 */
import { rmSync } from 'node:fs'
import type { Child } from '../../children.ts'
import type { Context } from '../../context.ts'
import { FatalError } from '../../errors/steering.ts'
import { readKept, writeKept } from '../kept-file.ts'
import { lentSession, type Session } from '../session.ts'
import { refreshAt } from './refresh-at.ts'

export interface KeepInput {
  readonly org: string
  readonly sessionSeconds?: number
  readonly aheadSeconds?: number
  readonly retrySeconds?: number
  readonly pollSeconds?: number
}

export interface KeepResult {
  readonly renewed: boolean
  readonly expiresAtMs: number | null
  /** Why there is no new session, where that has been told already. */
  readonly refusal: string | null
}

/** What is kept of an org that gives no session, so that it is told once. */
export interface Refusal {
  readonly atMs: number
  /** The task that has failed because of it. */
  readonly task: string
  readonly code: string
  readonly message: string
}

/** In a checkpoint: when the session that was made then is due. */
interface Due {
  readonly issuedAtMs: number
  readonly atMs: number
}

type Known = Pick<Session, 'issuedAtMs' | 'expiresAtMs'> | null

const defaultRetrySeconds = 3_600

export async function keepFresh(context: Context<KeepInput>): Promise<KeepResult> {
  const file = `${context.directory}/sessions/${context.input.org}.json`
  const [renewal] = await context.children()
  if (renewal) return conclude(context, renewal, file)
  const session = await lentSession(context, 'session')
  const saved = context.checkpoint as unknown as Due | null
  const atMs =
    saved !== null && saved.issuedAtMs === session?.issuedAtMs
      ? saved.atMs
      : dueAt({
          session,
          refusal: readKept<Refusal>(file),
          input: context.input,
          nowMs: Date.now(),
          random: Math.random(),
        })
  if (atMs === null) {
    context.log.info(`when the session of org ${context.input.org} ends is not known: tasks renew it when it has`)
    return { renewed: false, expiresAtMs: null, refusal: null }
  }
  if (atMs > Date.now()) return wait(context, session, atMs)
  const { org, sessionSeconds, pollSeconds } = context.input
  const input = { org, after: session?.issuedAtMs ?? 0, sessionSeconds, pollSeconds }
  const { id } = await context.submit('renewal', { kind: 'auth.refresh', input: JSON.parse(JSON.stringify(input)) })
  return context.suspend({ children: [id] })
}

function wait(context: Context<KeepInput>, session: Known, atMs: number): never {
  const at = new Date(atMs)
  context.log.info(`the session of org ${context.input.org} is renewed at ${at.toISOString()}`)
  context.suspend({ resumeAt: at, checkpoint: { issuedAtMs: session?.issuedAtMs ?? 0, atMs } })
}

/** When to ask for a new session; null when nothing is known of the end of the one that there is. */
export function dueAt({
  session,
  refusal,
  input: { aheadSeconds, pollSeconds, retrySeconds = defaultRetrySeconds },
  nowMs,
  random,
}: {
  readonly session: Known
  readonly refusal: Refusal | null
  readonly input: Omit<KeepInput, 'org'>
  readonly nowMs: number
  readonly random: number
}): number | null {
  // Whoever logged in again since has made a session.
  const isRefused = refusal !== null && (session?.issuedAtMs ?? 0) <= refusal.atMs
  if (isRefused) return refusal.atMs + retrySeconds * 1_000
  if (session === null) return nowMs
  if (session.expiresAtMs !== null && session.expiresAtMs <= nowMs) return nowMs
  return refreshAt(session, nowMs, random, {
    ...(pollSeconds !== undefined && { soonestMs: pollSeconds * 1_000 }),
    ...(aheadSeconds !== undefined && { aheadMs: aheadSeconds * 1_000 }),
  })
}

function conclude({ taskId, input: { org }, log }: Context<KeepInput>, renewal: Child, file: string): KeepResult {
  const { state, result, error } = renewal
  if (state === 'succeeded') {
    const { refreshed, expiresAtMs } = result as { refreshed: boolean; expiresAtMs: number | null }
    if (readKept<Refusal>(file)) log.info(`org ${org} gives sessions again`)
    rmSync(file, { force: true })
    return { renewed: refreshed, expiresAtMs, refusal: null }
  }
  const code = error?.code ?? 'CANCELLED'
  const message = error?.message ?? `auth.refresh was ${state}`
  const told = readKept<Refusal>(file)
  const isTold = told !== null && told.task !== taskId && told.code === code
  writeKept(file, { atMs: Date.now(), task: isTold ? told.task : taskId, code, message })
  if (!isTold) throw new FatalError(`org ${org} gives no session: ${message}`, { code })
  log.info(`org ${org} still gives no session, as task ${told.task} has told: ${message}`)
  return { renewed: false, expiresAtMs: null, refusal: message }
}
