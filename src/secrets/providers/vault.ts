import type { Ask, SecretProvider } from '../provider.ts'
import { isVaultName } from '../reference.ts'
import type { Vault } from '../vault.ts'

/** The secrets that a tenant has stored here. */
export function vaultProvider(vault: Pick<Vault, 'get'>): SecretProvider {
  return {
    refusalOf: (name) =>
      isVaultName(name) ? undefined : 'must be vault:NAME or just NAME, with the name of a stored secret',
    get: (name, { tenant }: Ask) => vault.get(tenant, name),
  }
}
