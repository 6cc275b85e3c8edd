import type { SentSecret } from '../contract/secret.ts'
import { refusalOfSecret } from '../mask/refusal.ts'
import { zeroable } from '../system/zeroable.ts'
import { Refusal } from '../task/errors.ts'
import { maxSecretBytes } from './provider.ts'
import { sealedOverheadBytes } from './sealed-box.ts'
import type { Vault } from './vault.ts'

/** What a client sent as a secret, in a buffer to be wiped. Refuses what is none, and what could never be masked. */
export function takeIn(sent: SentSecret, name: string, vault: Pick<Vault, 'unseal'>): Buffer {
  const value = sent.sealed === undefined ? plain(sent) : unsealed(sent, sent.sealed, name, vault)
  const refusal = refusalOfSecret(value)
  if (refusal === undefined) return value
  value.fill(0)
  throw new Refusal('BAD_REQUEST', refusal)
}

function unsealed(sent: SentSecret, sealed: string, name: string, vault: Pick<Vault, 'unseal'>): Buffer {
  if (sent.value !== undefined) throw new Refusal('BAD_REQUEST', 'send either value or sealed, not both')
  if (sent.encoding !== undefined) {
    throw new Refusal('BAD_REQUEST', 'encoding goes with value: leave it out, what is sealed is bytes already')
  }
  refuseLarge(Buffer.byteLength(sealed, 'base64url') - sealedOverheadBytes)
  return vault.unseal(Buffer.from(sealed, 'base64url'), name)
}

/** A string that came as JSON leaves copies in memory until they happen to be overwritten; a sealed value leaves none. */
function plain({ value, encoding: sent }: SentSecret): Buffer {
  const encoding = sent ?? 'utf8'
  if (value === undefined) throw new Refusal('BAD_REQUEST', 'send the secret as value, or sealed')
  if (encoding === 'base64' && !isBase64(value)) {
    throw new Refusal('BAD_REQUEST', 'value is not base64: encode its bytes anew, with padding')
  }
  const bytes = Buffer.byteLength(value, encoding)
  refuseLarge(bytes)
  const own = zeroable(bytes)
  own.write(value, encoding)
  return own
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}

function refuseLarge(bytes: number): void {
  if (bytes <= maxSecretBytes) return
  throw new Refusal('TOO_LARGE', `a secret has at most ${maxSecretBytes} bytes, and this one ${bytes}: store less`)
}
