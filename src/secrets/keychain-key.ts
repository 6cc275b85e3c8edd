import { messageOf } from '../system/message.ts'
import { keyBytes, newKey } from './cipher.ts'
import type { MasterKey } from './master-key.ts'
import type { Keychain } from './providers/keychain.ts'
import { VaultUnusable } from './unusable.ts'

/** The master key in the system's keychain, as hex: not every keychain takes bytes. */
export function keychainKey(keychain: Keychain, item: string): MasterKey {
  const next = `${item}.next`
  const ask = { tenant: '', signal: new AbortController().signal }
  const read = async (name: string): Promise<Buffer | undefined> => {
    const text = await orUnusable(() => keychain.get(name, ask))
    if (!text) return undefined
    const key = fromHex(text)
    text.fill(0)
    if (key) return key
    throw new VaultUnusable(
      `keychain:${name} does not hold a master key of ${keyBytes} bytes in hex: put the right one back.`,
    )
  }
  const write = async (name: string, key: Buffer) => {
    const text = toHex(key)
    try {
      await orUnusable(() => keychain.set(name, text))
    } finally {
      text.fill(0)
    }
  }
  const make = async (name: string) => {
    const key = newKey()
    try {
      await write(name, key)
      return key
    } catch (error) {
      key.fill(0)
      throw error
    }
  }
  return {
    name: `keychain:${item}`,
    read: () => read(item),
    store: {
      make: () => make(item),
      makeNext: () => make(next),
      readNext: () => read(next),
      async promote() {
        const key = await read(next)
        // Promoted before, and then killed.
        if (!key) return
        await write(item, key).finally(() => key.fill(0))
        await orUnusable(() => keychain.delete(next))
      },
    },
  }
}

async function orUnusable<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw new VaultUnusable(`The master key: ${messageOf(error)}.`, { cause: error })
  }
}

const digits = Buffer.from('0123456789abcdef')

/** Never a string: nobody could wipe that. */
function toHex(key: Buffer): Buffer {
  const text = Buffer.from(new ArrayBuffer(key.length * 2))
  for (const [at, byte] of key.entries()) {
    text[at * 2] = digits[byte >> 4] ?? 0
    text[at * 2 + 1] = digits[byte & 15] ?? 0
  }
  return text
}

function fromHex(text: Buffer): Buffer | undefined {
  if (text.length !== keyBytes * 2) return undefined
  const key = Buffer.from(new ArrayBuffer(keyBytes))
  for (let at = 0; at < keyBytes; at++) {
    const [high, low] = [digits.indexOf(text[at * 2] ?? 0), digits.indexOf(text[at * 2 + 1] ?? 0)]
    if (high < 0 || low < 0) {
      key.fill(0)
      return undefined
    }
    key[at] = high * 16 + low
  }
  return key
}
