/** Where a secret is, as a task request says it: `vault:github/bot` or just `github/bot`, `keychain:…`, `file:…`, `command:…`. */
export interface Reference {
  readonly provider: string
  readonly name: string
}

const written = /^(?:([a-z]+):)?(.*)$/s
const vaultName = /^(?=.{1,128}$)[A-Za-z_][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/s

export function referenceOf(text: string): Reference {
  const [, provider = 'vault', name = ''] = written.exec(text) ?? []
  return { provider, name }
}

export function isVaultName(name: string): boolean {
  return vaultName.test(name)
}

/** The name of a stored secret; undefined for what another provider has to know. */
export function vaultNameOf(text: string): string | undefined {
  const { provider, name } = referenceOf(text)
  return provider === 'vault' && isVaultName(name) ? name : undefined
}

/** The same reference always as the same text: what the policy and the audit log go by. */
export function wholeReference({ provider, name }: Reference): string {
  return `${provider}:${name}`
}
