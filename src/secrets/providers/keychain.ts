/**
 * The keychain of the operating system, asked by a short-lived process: what its library leaves in memory ends with it,
 * and a keychain that waits for somebody to unlock it holds nobody up.
 */
import { fileURLToPath } from 'node:url'
import { type Ask, maxSecretBytes, type SecretProvider } from '../provider.ts'
import type { Ran, ShortLived } from '../short-lived.ts'
import { neverHere, SecretUnavailable } from '../unusable.ts'
import { ANSWER } from './keychain-answers.ts'

/** The packages that know the keychain. An item stored by the one is not found by the other. */
export const KEYCHAIN_LIBRARIES = ['@napi-rs/keyring', 'keytar'] as const

export interface KeychainSettings {
  readonly library: (typeof KEYCHAIN_LIBRARIES)[number]
  readonly timeoutSeconds: number
  /** What leads to the session’s keychain: the address of its bus, and HOME. */
  readonly environment: Readonly<Record<string, string>>
  readonly shortLived: Pick<ShortLived, 'run'>
}

export interface Keychain extends SecretProvider {
  /** Stores a value, which stays the caller’s to wipe. Throws SecretUnavailable. */
  set(name: string, value: Uint8Array): Promise<void>
  delete(name: string): Promise<void>
}

const program = fileURLToPath(new URL('keychain-helper.ts', import.meta.url))
const flags = ['--disable-warning=ExperimentalWarning', '--disable-sigusr1', '--report-exclude-env']
/** Keychains hold text in many places: longer names are nobody’s. */
const maxNameCharacters = 400

/** `keychain:SERVICE/ACCOUNT`. */
export function keychain(settings: KeychainSettings): Keychain {
  const run = async (action: string, name: string, more: { signal?: AbortSignal; input?: Uint8Array } = {}) => {
    const { library, timeoutSeconds, environment, shortLived } = settings
    const ran = await shortLived.run({
      command: [process.execPath, ...flags, program, library, action, ...partsOf(name)],
      environment,
      timeoutMs: timeoutSeconds * 1000,
      maxBytes: maxSecretBytes,
      ...more,
    })
    if (ran.how === 'said') return ran.value
    if (ran.how === 'failed' && ran.code === ANSWER.absent) return undefined
    throw unavailable(name, ran, settings)
  }
  return {
    refusalOf: (name) =>
      partsOf(name).every((part) => part !== '') && name.length <= maxNameCharacters && !/\p{Cc}/u.test(name)
        ? undefined
        : 'must be keychain:SERVICE/ACCOUNT, as the keychain has them',
    get: (name, { signal }: Ask) => run('get', name, { signal }),
    async set(name, value) {
      await run('set', name, { input: value })
    },
    async delete(name) {
      await run('delete', name)
    },
  }
}

/** A service may be an address with slashes of its own. */
function partsOf(name: string): [service: string, account: string] {
  const slash = name.lastIndexOf('/')
  return [name.slice(0, Math.max(slash, 0)), name.slice(slash + 1)]
}

function unavailable(
  name: string,
  ran: Exclude<Ran, { how: 'said' }>,
  { library, timeoutSeconds }: KeychainSettings,
): SecretUnavailable {
  const subject = `the secret keychain:${name} cannot be had`
  if (ran.how === 'late') {
    return new SecretUnavailable(
      `${subject}: the keychain did not answer within ${timeoutSeconds} s, it may be locked: unlock it for the user that runs Mayfly`,
    )
  }
  if (ran.how === 'called off') return new SecretUnavailable(`${subject}: its task has ended`)
  if (ran.how === 'too much') return neverHere(`${subject}: it has more than ${maxSecretBytes} bytes`)
  if (ran.how === 'failed' && ran.code === ANSWER.noLibrary) {
    return neverHere(
      `${subject}: the package ${library} does not load here: install it, or set secrets.keychain.library`,
    )
  }
  return new SecretUnavailable(
    `${subject}: the keychain cannot be reached, or is locked: start Mayfly in the session of its user (DBUS_SESSION_BUS_ADDRESS), with the keychain unlocked`,
  )
}
