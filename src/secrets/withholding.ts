import type { SecretProvider } from './provider.ts'

/** The same provider, but that some of its names are lent to nobody: those of Mayfly's own keys. */
export function withholding(provider: SecretProvider, names: readonly string[]): SecretProvider {
  return {
    refusalOf: (name) =>
      names.includes(name) ? 'is Mayfly’s own key, which is lent to nobody' : provider.refusalOf(name),
    get: (name, ask) => provider.get(name, ask),
  }
}
