import { describe, expect, it } from 'vitest'
import { readConfig } from '../src/config.ts'

describe('whether secrets may go to commands', () => {
  const read = (flags: readonly string[], MAYFLY_ALLOW_SECRETS_IN_COMMANDS?: string) =>
    readConfig(flags, { MAYFLY_ALLOW_SECRETS_IN_COMMANDS }).allowSecretsInCommands

  it('is for the operator to say, by flag or environment, and no otherwise', () => {
    expect(read([])).toBe(false)
    expect(read(['--allow-secrets-in-commands'])).toBe(true)
    expect([read([], 'true'), read([], '1'), read([], 'false'), read([], '0'), read([], '')]).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
    expect(read(['--allow-secrets-in-commands'], 'false')).toBe(true)
  })

  it('is said by true or false', () => {
    expect(() => read([], 'yes')).toThrow('MAYFLY_ALLOW_SECRETS_IN_COMMANDS must be true or false: yes')
  })
})
