/** Looks at what goes on in an org for hours or days, without a process in between. */
import type { Org } from '../salesforce/org.ts'
import { intervals } from '../salesforce/poll.ts'
import { goesOnUnseen, type RemoteJob, type Run, submitOnce } from '../salesforce/remote-job.ts'
import { pause } from '../salesforce/transport.ts'
import type { Tools } from './tools.ts'

/** Looks of the first seconds are made by this process, later ones by one that is started for each. */
export async function watch<Status>(
  tools: Tools,
  org: Org,
  job: RemoteJob<Status>,
  suspendAfterSeconds: number,
): Promise<Run<Status>> {
  const { context, memory } = tools
  const id = await submitOnce(context, org, job, memory)
  const begunMs = Date.parse(memory.read()?.at ?? '')
  const waits = intervals(job.pace, context.input.pollSeconds)
  for (;;) {
    const status = await lookAt(tools, org, job, id)
    if (status !== null && job.isOver(status)) return { id, status }
    // The org's clock is known by whole seconds.
    const elapsedMs = Math.max(0, org.now.getTime() - begunMs)
    const waitMs = waits.next().value
    if (elapsedMs >= suspendAfterSeconds * 1_000) tools.later(waitSeconds(elapsedMs, job.pace.longestMs))
    await pause(waitMs, context.signal)
  }
}

/** Null when the org could not be asked: it goes on there, whether or not it is seen. */
async function lookAt<Status>(
  { context }: Tools,
  org: Org,
  job: RemoteJob<Status>,
  id: string,
): Promise<Status | null> {
  org.step = `looking at the ${job.name} ${id}`
  try {
    const status = await job.look(id)
    if (job.progressOf) context.progress(job.progressOf(status, id))
    return status
  } catch (error) {
    if (!goesOnUnseen(error)) throw error
    context.log.warn(`${error.message} It is looked at again.`)
    return null
  }
}

const longestWaitSeconds = 300

/** What has taken long is looked at less often: each look is a process and some of the day's calls. */
export function waitSeconds(elapsedMs: number, firstMs: number): number {
  const shareOfElapsed = Math.round(elapsedMs / 20_000)
  return Math.min(longestWaitSeconds, Math.max(firstMs / 1_000, shareOfElapsed))
}
