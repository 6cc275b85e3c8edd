/** Where secrets may go, without a path; unencrypted to this machine alone. Undefined for anything else. */
export function safeOrigin(given: unknown): string | undefined {
  const url = typeof given === 'string' ? (URL.parse(given) ?? undefined) : undefined
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isThisMachine(url.hostname))) return url.origin
  return undefined
}

export function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '127.0.0.1' || host === '[::1]'
}
