import { closed, count, Moment, nullable, SealedText, StoredName } from './fragments.ts'
import { type Static, Type } from './schema.ts'

export const BySecretName = closed({ name: StoredName })

/** Exactly one of `value` and `sealed`. */
export const SentSecret = closed(
  {
    value: Type.Optional(Type.String({ description: 'the value, as text or in its encoding; better send it sealed' })),
    encoding: Type.Optional(Type.Literal('base64', { description: 'how value is written when it is not text' })),
    sealed: Type.Optional(SealedText),
  },
  'A secret to store, of 64 KiB at most',
)

export type SentSecret = Static<typeof SentSecret>

export const StoredVersion = closed({ name: StoredName, version: count(1, Number.MAX_SAFE_INTEGER) })

export const ListedSecret = closed(
  {
    ...StoredVersion.properties,
    createdAt: Moment,
    updatedAt: Moment,
  },
  'A secret without its value, which nobody can read back',
)

export type ListedSecret = Static<typeof ListedSecret>

export type StoredVersion = Static<typeof StoredVersion>

export const SecretPage = closed({
  items: Type.Array(ListedSecret),
  nextCursor: nullable(Type.String()),
})

export type SecretPage = Static<typeof SecretPage>

export const SecretListQuery = closed({
  limit: Type.Optional(count(1, 1000)),
  cursor: Type.Optional(StoredName),
})

/** How far the keys that secrets are stored under have been changed. */
export const Rotation = closed({
  rotating: Type.Boolean(),
  left: Type.Integer({ minimum: 0, description: 'secrets that are still under the key before' }),
})

export type Rotation = Static<typeof Rotation>

export const SealingKey = closed({
  publicKey: Type.String({ description: 'base64url of an X25519 public key of 32 bytes' }),
  layout: Type.Literal('mayfly.secret.v1', {
    description:
      'sealed = base64url(ephemeral X25519 public key, 32 bytes | nonce, 12 | ciphertext | tag, 16): AES-256-GCM, ' +
      'additional data = the name of the secret, key = HKDF-SHA256(shared secret, salt = ephemeral | public key, ' +
      'info = "mayfly.secret.v1")',
  }),
})

export type SealingKey = Static<typeof SealingKey>
