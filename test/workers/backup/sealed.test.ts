import { randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, describe, expect, it } from 'vitest'
import { keyOf, newKey } from '../../../workers/backup/cipher.ts'
import { rowsOf, toLine, toText } from '../../../workers/backup/csv.ts'
import { measure, placeIn, readSealed, type Wrapping, writeSealed } from '../../../workers/backup/sealed.ts'
import { damageOf } from '../../../workers/backup/verify.ts'

const root = mkdtempSync(join(tmpdir(), 'mayfly-sealed-'))
afterAll(() => rmSync(root, { recursive: true }))
const secret = Buffer.from('a secret that is long enough')
const { key, encryption } = newKey(secret)

describe('a file of a backup', () => {
  const piece = 64 * 1024
  const sizes = [0, 1, piece - 1, piece, piece + 1, 3 * piece, 1_000_003]
  const wrappings: Wrapping[] = [
    { gzip: false, key: null },
    { gzip: true, key: null },
    { gzip: false, key },
    { gzip: true, key },
  ]

  it('comes back as it was, packed or not, encrypted or not, whatever its size', async () => {
    for (const [at, wrapping] of wrappings.entries()) {
      for (const size of sizes) {
        const content = randomBytes(size)
        const chunks = [content.subarray(0, size / 3), content.subarray(size / 3)]
        const stored = await writeSealed(Readable.from(chunks), root, `${at}/${size}`, wrapping)
        expect(stored).toEqual(await measure(root, stored.path))
        expect((await buffer(readSealed(root, stored, key))).equals(content), `${at} ${size}`).toBe(true)
        if (wrapping.key && size > 100)
          expect(readFileSync(join(root, stored.path)).includes(content.subarray(0, 50))).toBe(false)
      }
    }
  })

  it('is not there before it is whole', async () => {
    const broken = Readable.from(
      (async function* () {
        yield 'some'
        throw new Error('the network went away')
      })(),
    )
    await expect(writeSealed(broken, root, 'broken', { gzip: false, key: null })).rejects.toThrow('network went away')
    expect(existsSync(join(root, 'broken'))).toBe(false)
  })

  it('that is encrypted is refused when it was changed, cut off, put together otherwise, or the key is another', async () => {
    const { path } = await writeSealed(Readable.from([randomBytes(3 * piece)]), root, 'safe', { gzip: false, key })
    const bytes = readFileSync(join(root, path))
    const read = async (changed: Uint8Array, withKey = key) => {
      writeFileSync(join(root, 'changed.enc'), changed)
      return buffer(readSealed(root, { path: 'changed.enc' }, withKey))
    }
    const flipped = Buffer.from(bytes)
    flipped[40_000] = (flipped[40_000] ?? 0) ^ 1
    const sealed = piece + 16
    const swapped = Buffer.concat([
      bytes.subarray(0, 31),
      bytes.subarray(31 + sealed, 31 + 2 * sealed),
      bytes.subarray(31, 31 + sealed),
      bytes.subarray(31 + 2 * sealed),
    ])
    for (const changed of [flipped, swapped, bytes.subarray(0, 31 + sealed), bytes.subarray(0, bytes.length - 1)])
      await expect(read(changed)).rejects.toThrow('changed, cut off, or encrypted with another key')
    await expect(read(bytes.subarray(0, 20))).rejects.toThrow('cut off')
    await expect(read(bytes, newKey(secret).key)).rejects.toThrow('another key')
    expect((await read(bytes)).length).toBe(3 * piece)
    expect(() => readSealed(root, { path }, null)).toThrow('give the secret encryption')
    expect(readdirSync(root).filter((name) => name.endsWith('.part'))).toEqual(['broken.part'])
  })

  it('that leads out of its backup, by its name or by links, is not read', async () => {
    const place = join(root, 'handed-over')
    mkdirSync(place)
    writeFileSync(join(root, 'private'), 'of somebody else')
    const { sha256, bytes } = await measure(root, 'private')
    symlinkSync('../private', join(place, 'link'))
    symlinkSync('..', join(place, 'up'))
    const { signal } = new AbortController()
    for (const path of [
      '../private',
      'link',
      'up/private',
      join(root, 'private').slice(1).replace(/^/, '../'.repeat(20)),
    ]) {
      expect(() => readSealed(place, { path }, null), path).toThrow('leads out of the backup')
      expect(() => placeIn(place, path)).toThrow('leads out of the backup')
      expect(await damageOf(place, { path, bytes, sha256 }, signal)).toBe(`${path} leads out of the backup`)
    }
    symlinkSync(place, join(root, 'moved'))
    await writeSealed(['own'], place, 'own', { gzip: false, key: null })
    expect((await buffer(readSealed(join(root, 'moved'), { path: 'own' }, null))).toString()).toBe('own')
    expect(await damageOf(place, { path: 'missing', bytes, sha256 }, signal)).toBe('missing is not there')
  })

  it('tells a wrong secret at once, and one that is too short', () => {
    expect(keyOf(secret, encryption).equals(key)).toBe(true)
    expect(() => keyOf(Buffer.from('another long enough secret'), encryption)).toThrow('another one than the backup')
    expect(() => newKey(Buffer.from('short'))).toThrow('too short for a key')
  })
})

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const one of source) found.push(one)
  return found
}

describe('rows', () => {
  it('come back from CSV whatever is in them', async () => {
    const rows = [
      ['Id', 'Name', 'Text'],
      ['1', 'plain', 'two\nlines, and "quotes"'],
      ['2', '', 'crlf\r\n;\u{1f41d}'],
    ]
    const read = await all(rowsOf(Readable.from([Buffer.from(rows.map(toLine).join(''))])))
    expect(read).toEqual([
      { Id: '1', Name: 'plain', Text: 'two\nlines, and "quotes"' },
      { Id: '2', Name: '', Text: 'crlf\r\n;\u{1f41d}' },
    ])
  })

  it('are refused where a quote never ends, or a row has another width', async () => {
    const read = (text: string) => all(rowsOf(Readable.from([Buffer.from(text)])))
    await expect(read('"Id","Name"\n"1","b\n')).rejects.toThrow(/quote/i)
    await expect(read('"Id","Name"\n"1"\n')).rejects.toThrow(/columns/i)
  })

  it('say values of REST as the bulk API does', () => {
    expect([null, undefined, true, 1.5, 'x', { a: 1 }].map(toText)).toEqual(['', '', 'true', '1.5', 'x', '{"a":1}'])
  })
})
