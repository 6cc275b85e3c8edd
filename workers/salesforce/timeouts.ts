/**
 * How long calls to an org may take. Submissions and large answers long, a look that hangs not, for it is made again; and
 * of no call may longer come nothing once its answer has begun.
 */

/** Milliseconds from the first byte sent to the last received. */
export const TIMEOUTS = {
  usual: 120_000,
  /** At whether somebody lets us in, and at what goes on in the org. */
  look: 60_000,
  /** Files, packages, many rows, and all that came of a deployment. */
  large: 600_000,
  /** Of the data of an ingest job. */
  upload: 1_800_000,
} as const

/** Between two parts of an answer. */
const silenceMs = 120_000

export interface Limits {
  /** No call takes longer, whatever it is. */
  readonly longestCallMs: number
  readonly silenceMs: number
}

/** The name in a worker's environment, where an operator's configuration puts it for all of them. */
export const longestCallName = 'MAYFLY_ORG_CALL_SECONDS'

/** What is no number of seconds changes nothing. */
export function limitsOf(environment: Readonly<Record<string, string | undefined>>): Limits {
  const seconds = Number(environment[longestCallName])
  const longestCallMs = seconds > 0 ? Math.min(seconds * 1_000, TIMEOUTS.upload) : TIMEOUTS.upload
  return { longestCallMs, silenceMs: Math.min(silenceMs, longestCallMs) }
}

export interface Asked {
  readonly method: string
  readonly url: string
  readonly body?: unknown
}

/** Of a call of jsforce. */
export function timeoutMsOf(asked: Asked): number {
  return isLook(asked) ? TIMEOUTS.look : TIMEOUTS.large
}

/** At a deployment, without its details: these may be of thousands of components. */
function isLook({ method, url, body }: Asked): boolean {
  if (method === 'GET') return /\/deployRequest\/\w+$/.test(url)
  if (typeof body !== 'string' || body.length > longestLook) return false
  return /<(?:\w+:)?(?:checkDeployStatus|cancelDeploy)[\s>]/.test(body) && !/includeDetails>true</.test(body)
}

const longestLook = 10_000
