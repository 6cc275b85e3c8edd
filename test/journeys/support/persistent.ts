import { setTimeout } from 'node:timers/promises'
import type { Site } from './orchestrator.ts'

/** Not so short that those who wait for a server keep it from starting. */
const restMs = 100

export interface Answer {
  readonly key: string
  readonly status: number
  readonly id: string
}

/** Submits as a patient client does: the same request with the same key, until somebody answers. */
export async function submitUntilAnswered(site: Site, key: string, request: unknown): Promise<Answer> {
  for (;;) {
    const answer = await submitOnce(site, key, request)
    if (answer) return answer
    await setTimeout(restMs)
  }
}

async function submitOnce(site: Site, key: string, request: unknown): Promise<Answer | undefined> {
  try {
    const response = await site.request('POST', '/v1/tasks', request, { 'idempotency-key': key })
    const { id } = (await response.json()) as { id: string }
    return { key, status: response.status, id }
  } catch {
    // Nobody there, or gone before the whole answer was: whether the task was accepted, only a further try can tell.
    return undefined
  }
}
