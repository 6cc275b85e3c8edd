/** Schemas of where secrets come from, and who may use which. */
import { closed, seconds } from '../contract/fragments.ts'
import { type Static, Type } from '../contract/schema.ts'
import { KEYCHAIN_LIBRARIES } from '../secrets/providers/keychain.ts'

const name = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}'
const mostOfEach = 1_000

const exact = Type.Optional(
  Type.Boolean({ description: 'the end of the last line is part of the secret; false when left out' }),
)

const Allow = Type.Record(
  Type.String({ pattern: '^([*]|[a-z][a-z0-9-]{0,62})$' }),
  Type.Array(Type.String({ minLength: 1, maxLength: 512 }), { maxItems: mostOfEach }),
  {
    additionalProperties: false,
    description:
      'by tenant, and for all under "*": the secrets that it may use, such as "keychain:{tenant}/*"; * is any characters, {tenant} its name',
  },
)

const Files = Type.Record(
  Type.String({ pattern: `^${name}$` }),
  closed({
    path: Type.String({ minLength: 1, description: 'a directory' }),
    shared: Type.Optional(
      Type.Boolean({ description: 'its files may be readable by everybody, as in a container; false when left out' }),
    ),
    exact,
  }),
  {
    additionalProperties: false,
    description: 'directories of secrets, by the name that file:NAME/… calls them; credentials is that of systemd',
  },
)

const Commands = Type.Record(
  Type.String({ pattern: `^${name}$` }),
  closed({
    command: Type.Array(Type.String(), {
      minItems: 1,
      maxItems: 100,
      description: 'the program and its arguments: it writes the value to its standard output',
    }),
    environment: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'beside PATH, LANG and HOME' }),
    ),
    timeoutSeconds: Type.Optional(seconds(0.1, 600)),
    exact,
  }),
  {
    additionalProperties: false,
    description: 'programs that bring a secret, by the name that command:NAME calls them',
  },
)

const Keychain = closed(
  {
    library: Type.Enum([...KEYCHAIN_LIBRARIES], {
      description: 'the package that asks the keychain; what the one has stored the other does not find',
    }),
    timeoutSeconds: seconds(0.1, 600),
  },
  'the keychain of the operating system',
)

export const Secrets = closed({ allow: Allow, files: Files, commands: Commands, keychain: Keychain })

export type Secrets = Static<typeof Secrets>

export const defaultSecrets: Secrets = {
  allow: { '*': ['vault:*'] },
  files: {},
  commands: {},
  keychain: { library: '@napi-rs/keyring', timeoutSeconds: 5 },
}
