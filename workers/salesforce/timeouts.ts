/** How long a call of jsforce may take: submissions and large answers long, a look that hangs not, for it is made again. */

const longMs = 600_000
const lookMs = 60_000

export interface Asked {
  readonly method: string
  readonly url: string
  readonly body?: unknown
}

export function timeoutMsOf(asked: Asked): number {
  return isLook(asked) ? lookMs : longMs
}

/** At a deployment, without its details: these may be of thousands of components. */
function isLook({ method, url, body }: Asked): boolean {
  if (method === 'GET') return /\/deployRequest\/\w+$/.test(url)
  if (typeof body !== 'string' || body.length > longestLook) return false
  return /<(?:\w+:)?(?:checkDeployStatus|cancelDeploy)[\s>]/.test(body) && !/includeDetails>true</.test(body)
}

const longestLook = 10_000
