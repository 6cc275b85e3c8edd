import { scrypt } from 'node:crypto'
import { takeOver, zeroableCopy } from '../system/zeroable.ts'
import { keyBytes } from './cipher.ts'
import type { MasterKey } from './master-key.ts'
import { VaultUnusable } from './unusable.ts'

/** 128 MiB and about half a second for each guess. */
const cost = { N: 2 ** 17, r: 8, p: 1, maxmem: 160 * 1024 * 1024 }
const fewestBytes = 12

/** The master key from a passphrase, which is asked for once; the key stays in memory, for rotations. */
export function passphraseKey(ask: () => Promise<Buffer>): MasterKey {
  let known: { readonly salt: Buffer; readonly key: Buffer } | undefined
  return {
    name: 'from the passphrase',
    async read(salt) {
      if (!known?.salt.equals(salt)) known = { salt: Buffer.from(salt), key: await derive(ask, salt) }
      return zeroableCopy(known.key)
    },
  }
}

async function derive(ask: () => Promise<Buffer>, salt: Uint8Array): Promise<Buffer> {
  const passphrase = await ask()
  try {
    if (passphrase.length < fewestBytes) {
      throw new VaultUnusable(`The passphrase has fewer than ${fewestBytes} bytes: take a longer one.`)
    }
    return await new Promise<Buffer>((resolve, reject) => {
      scrypt(passphrase, salt, keyBytes, cost, (error, key) => (error ? reject(error) : resolve(takeOver(key))))
    })
  } finally {
    passphrase.fill(0)
  }
}
