const reference = /^(?:([a-z]+):)?(.*)$/s
const secretName = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/

/** `vault:NAME` or just `NAME`; undefined for what another provider would have to know. */
export function vaultNameOf(text: string): string | undefined {
  const [, provider = 'vault', name = ''] = reference.exec(text) ?? []
  return provider === 'vault' && secretName.test(name) ? name : undefined
}

const others = ['keychain', 'file', 'command']

/** Why a reference can never be looked up here, in one sentence; whether there is such a secret is seen at each start. */
export function refusalOfReference(text: string): string | undefined {
  if (vaultNameOf(text) !== undefined) return undefined
  const [, provider = 'vault'] = reference.exec(text) ?? []
  return others.includes(provider)
    ? `refers to ${provider}:, which is not available here yet: store the secret, and refer to it as vault:NAME`
    : 'must be vault:NAME or just NAME, with the name of a stored secret'
}
