/** A server, and what to be known as there. */
export interface Server {
  readonly url: string
  readonly token: string
  /** Only with an admin token: the tenant to act for. */
  readonly tenant?: string | undefined
}

export type Address = { readonly url: string } | { readonly complaint: string }

const example = 'such as http://127.0.0.1:7070'

/** An address as people write it, in the one form in which it is kept. */
export function addressOf(written: string): Address {
  const text = written.trim()
  if (text === '') return { complaint: `give the address of the server, ${example}` }
  if (!/^https?:\/\//i.test(text)) return { complaint: `the address begins with http:// or https://, ${example}` }
  if (!URL.canParse(text)) return { complaint: `this is not an address: it looks like http://host:port, ${example}` }
  const { protocol, host, pathname, username, password, search, hash } = new URL(text)
  if (username !== '' || password !== '')
    return { complaint: 'leave user and password out of the address: a token is asked for' }
  if (search !== '' || hash !== '') return { complaint: 'the address ends before ? and #' }
  return { url: `${protocol}//${host}${pathname.replace(/\/+$/, '')}` }
}

/** Where a token lies among the secrets: by its address, so that no other server is ever shown it. */
export function tokenKeyOf(url: string): string {
  return `mayfly.token ${url}`
}

/** What a token may look like; `undefined` when there is nothing wrong with it. */
export function complaintOfToken(written: string): string | undefined {
  const token = written.trim()
  if (token === '') return 'paste a token: an admin makes one with “mayfly tokens create”'
  return /^[!-~]+$/.test(token) ? undefined : 'a token has neither spaces nor letters beyond ASCII: paste it again'
}
