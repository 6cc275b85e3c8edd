import { UsageError } from './exit.ts'
import type { Io } from './io.ts'

/** This machine is asked directly, whatever the environment says: a proxy elsewhere means another by these names. */
const neverAskedThrough = ['localhost', '127.0.0.1', '::1']

/**
 * Has all requests and streams of this process go through the proxy that the environment names in `HTTP_PROXY`,
 * `HTTPS_PROXY` and `NO_PROXY`, in small letters too, as other command lines do; Node by itself does not look.
 */
export async function goThroughProxies(env: Io['env']): Promise<void> {
  if (!usesProxies(env)) return
  const { http, https } = proxiesIn(env)
  for (const proxy of [http, https]) if (proxy) refuseUnlessUsable(proxy)
  const { setGlobalProxyFromEnv } = await import('node:http')
  setGlobalProxyFromEnv({
    ...(http && { http_proxy: http }),
    ...(https && { https_proxy: https }),
    no_proxy: [env.no_proxy ?? env.NO_PROXY, ...neverAskedThrough].filter(Boolean).join(','),
  })
}

export function usesProxies(env: Io['env']): boolean {
  const { http, https } = proxiesIn(env)
  return Boolean(http || https)
}

/** What is to be known where a server cannot be reached; else an empty string. */
export function wayBy(env: Io['env']): string {
  const { http, https } = proxiesIn(env)
  const hosts = [http, https].flatMap((proxy) => (proxy && URL.parse(proxy)?.host) || [])
  if (hosts.length === 0) return ''
  return `; what is not on this machine is asked for through the proxy that the environment names, ${[...new Set(hosts)].join(' or ')}`
}

function proxiesIn(env: Io['env']) {
  return { http: env.http_proxy ?? env.HTTP_PROXY, https: env.https_proxy ?? env.HTTPS_PROXY }
}

/** The address itself is not repeated: it may hold a password. */
function refuseUnlessUsable(proxy: string): void {
  if (['http:', 'https:'].includes(URL.parse(proxy)?.protocol ?? '')) return
  throw new UsageError(
    'the proxy in HTTP_PROXY or HTTPS_PROXY is no http:// or https:// address: correct it, or unset the variable',
  )
}
