/** What can be nothing but a secret, by how it is written. A word such as "password" beside it proves nothing. */
const forms: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'a private key', pattern: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/ },
  { what: 'a session of Salesforce', pattern: /\b00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?![A-Za-z0-9._]{40,}/ },
  {
    what: 'a login of Salesforce',
    pattern: /\bforce:\/\/[A-Za-z0-9._-]+={0,2}:[A-Za-z0-9._-]*={0,2}:[A-Za-z0-9._-]{20,}={0,2}@/,
  },
  { what: 'a key of AWS', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { what: 'a token of GitHub', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60})/ },
  { what: 'a token of GitLab', pattern: /\bglpat-[A-Za-z0-9_-]{20}/ },
  { what: 'a token of Slack', pattern: /\bxox[abeprs]-[A-Za-z0-9-]{20,}/ },
  { what: 'a key of Google', pattern: /\bAIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])/ },
  { what: 'a key of Stripe', pattern: /\b[rs]k_live_[0-9A-Za-z]{24}/ },
  { what: 'a signed token', pattern: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}/ },
  { what: 'a password in a URL', pattern: /\bhttps?:\/\/[^\s/:@"'<>{}$]+:[^\s/:@"'<>{}$]{4,}@[\w.-]+/ },
]

/** What kind of secret a text holds. Never the secret itself: whoever reads findings need not know it. */
export function secretIn(text: string): string | undefined {
  return forms.find(({ pattern }) => pattern.test(text))?.what
}
