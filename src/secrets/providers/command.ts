/** Secrets that a program brings: a password manager’s, a cloud’s. */
import { maxSecretBytes, type SecretProvider, withoutLineEnd } from '../provider.ts'
import type { Ran, ShortLived } from '../short-lived.ts'
import { neverHere, SecretUnavailable } from '../unusable.ts'

/** A program that writes one secret to its standard output. */
export interface SecretCommand {
  readonly command: readonly string[]
  /** Beside PATH, LANG and HOME. */
  readonly environment?: Readonly<Record<string, string>>
  readonly timeoutSeconds?: number
  /** The end of the last line is part of the secret. */
  readonly exact?: boolean
}

export interface CommandSettings {
  readonly commands: Readonly<Record<string, SecretCommand>>
  readonly environment: Readonly<Record<string, string>>
  readonly shortLived: Pick<ShortLived, 'run'>
}

export const defaultTimeoutSeconds = 5

/** `command:NAME`: nothing of a request gets into what is run. */
export function commandProvider({ commands, environment, shortLived }: CommandSettings): SecretProvider {
  return {
    refusalOf: (name) =>
      Object.hasOwn(commands, name)
        ? undefined
        : `names the command ${name}, which is not among secrets.commands: the operator has to add it`,
    async get(name, { signal, mark }) {
      const known = Object.hasOwn(commands, name) ? commands[name] : undefined
      if (!known) return undefined
      const { command, exact = false, timeoutSeconds = defaultTimeoutSeconds } = known
      const ran = await shortLived.run({
        command: command as [string, ...string[]],
        environment: { ...environment, ...known.environment, ...mark },
        timeoutMs: timeoutSeconds * 1000,
        maxBytes: maxSecretBytes + 2,
        signal,
      })
      if (ran.how !== 'said') throw unavailable(name, ran, timeoutSeconds)
      const value = exact ? ran.value : withoutLineEnd(ran.value)
      if (value.length > 0) return value
      throw new SecretUnavailable(`the command of the secret command:${name} wrote nothing: run it by hand to see why`)
    },
  }
}

function unavailable(name: string, ran: Exclude<Ran, { how: 'said' }>, timeoutSeconds: number): SecretUnavailable {
  const subject = `the command of the secret command:${name}`
  const advice = 'run it by hand, as the user that runs Mayfly, to see why'
  switch (ran.how) {
    case 'failed':
      if (ran.code === 127) return neverHere(`${subject} is not there: install it, or correct secrets.commands.${name}`)
      return new SecretUnavailable(`${subject} failed with exit code ${ran.code}: ${advice}`)
    case 'killed':
      return new SecretUnavailable(`${subject} was ended by ${ran.by}: ${advice}`)
    case 'late':
      return new SecretUnavailable(`${subject} did not end within ${timeoutSeconds} s: ${advice}, or give it more time`)
    case 'too much':
      return neverHere(`${subject} wrote more than ${maxSecretBytes} bytes: let it write the value and nothing else`)
    case 'called off':
      return new SecretUnavailable(`${subject} was not waited for: its task has ended`)
    case 'not started':
      return ran.isPassing
        ? new SecretUnavailable(`${subject} could not be started (${ran.why})`)
        : neverHere(`${subject} could not be started (${ran.why}): correct secrets.commands.${name}`)
  }
}
