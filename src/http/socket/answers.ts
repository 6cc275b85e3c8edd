import type { Credential } from '../../access/credential.ts'
import type { Inbound } from '../../contract/inbound.ts'
import type { Outbound } from '../../contract/outbound.ts'
import { toContractTask } from '../../contract/present.ts'
import type { TaskFilter } from '../../contract/query.ts'
import type { Sink } from '../../stream/subscription.ts'
import type { SurveySink } from '../../stream/survey.ts'
import { Refusal } from '../../task/errors.ts'
import type { Task } from '../../task/task.ts'
import type { ServerDeps } from '../deps.ts'
import { toQueryFilter } from '../filter.ts'
import { checkedCursor, checkedId, findTask } from '../lookup.ts'
import type { Place, Subscriptions } from './subscriptions.ts'

/** What answering a message needs of its connection. */
export interface Session {
  readonly caller: Credential
  readonly deps: ServerDeps
  readonly subscriptions: Subscriptions
  readonly say: (message: Outbound) => void
  /** Where a subscription's events go. */
  readonly sink: (place: Place) => Sink & SurveySink
}

export async function answer(session: Session, message: Inbound): Promise<void> {
  switch (message.type) {
    case 'submit':
      return submit(session, message)
    case 'subscribe':
      return subscribe(session, message)
    case 'unsubscribe':
      return unsubscribe(session, message)
    case 'cancel':
      return cancel(session, message)
    case 'ping':
      return session.say({ type: 'pong', ref: message.ref })
  }
}

async function submit(
  session: Session,
  { ref, task: request, idempotencyKey, ...options }: Inbound<'submit'>,
): Promise<void> {
  const { caller, deps } = session
  const accept = async () => {
    const { task } = await deps.submit(caller, request, idempotencyKey)
    session.say({ type: 'accepted', ref, task: toContractTask(task) })
    return task
  }
  // The place is taken first, so that a refused subscription does not leave a task behind.
  if (options.subscribe) await within(session, ref, async (place) => follow(session, place, await accept(), 0))
  else await accept()
}

async function subscribe(session: Session, { ref, task: id, after, filter }: Inbound<'subscribe'>): Promise<void> {
  if (filter) {
    refuseBoth(id, after)
    await within(session, ref, async (place) => survey(session, place, filter))
    return
  }
  if (id === undefined)
    throw new Refusal('BAD_REQUEST', 'task is missing: name the id of a task to follow, or a filter')
  await within(session, ref, async (place) => {
    const task = await findTask(session.deps.journal, session.caller.tenant, id)
    follow(session, place, task, checkedCursor(after ?? 0, task))
  })
}

function refuseBoth(id: string | undefined, after: number | undefined): void {
  if (id !== undefined) throw new Refusal('BAD_REQUEST', 'follow one task or those of a filter: leave one of them out')
  if (after !== undefined) {
    throw new Refusal('BAD_REQUEST', 'a filter has no cursor, it begins with a snapshot: leave after out')
  }
}

function survey({ caller, deps, subscriptions, say, sink }: Session, place: Place, filter: TaskFilter): void {
  if (filter.state === 'settling') {
    throw new Refusal('BAD_REQUEST', 'no event says that a task is settling: follow those that are running')
  }
  const { hub, journal } = deps
  const surveyed = { tenant: caller.tenant, filter: toQueryFilter(filter), hub, journal }
  subscriptions.survey(place, surveyed, sink(place), () => say({ type: 'subscribed', ref: place.ref, filter }))
}

function unsubscribe({ subscriptions, say }: Session, { ref }: Inbound<'unsubscribe'>): void {
  if (!subscriptions.remove(ref)) throw new Refusal('NOT_FOUND', 'no subscription has this ref')
  say({ type: 'unsubscribed', ref })
}

async function cancel({ caller, deps, say }: Session, { ref, task, reason }: Inbound<'cancel'>): Promise<void> {
  await deps.cancel(caller.tenant, checkedId(task), reason ?? null)
  say({ type: 'cancelling', ref })
}

/** Reserves the place for a subscription, and gives it up again when nothing comes of it. */
async function within({ subscriptions }: Session, ref: string, open: (place: Place) => Promise<void>): Promise<void> {
  const place = subscriptions.reserve(ref)
  try {
    await open(place)
  } catch (error) {
    subscriptions.release(place)
    throw error
  }
}

function follow({ deps, subscriptions, say, sink }: Session, place: Place, task: Task, after: number): void {
  const { id, lastSeq } = task
  const followed = { task: id, after, lastSeq, hub: deps.hub, journal: deps.journal }
  subscriptions.open(place, followed, sink(place), () =>
    say({ type: 'subscribed', ref: place.ref, task: id, after, lastSeq }),
  )
}
