import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Unpackable, unpack } from '../../workers/unpack/unpack.ts'
import { type Packed, tarOf, zipOf } from '../fixtures/archives.ts'

const MiB = 1024 * 1024

const formats: Readonly<Record<string, (entries: readonly Packed[]) => Buffer>> = {
  tar: tarOf,
  'tar.gz': (entries) => gzipSync(tarOf(entries)),
  'tar.zst': (entries) => zstdCompressSync(tarOf(entries)),
  zip: zipOf,
}

let root: string
let into: string

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'mayfly-unpack-')))
  into = join(root, 'into')
})

afterEach(() => rmSync(root, { recursive: true }))

function archive(bytes: Buffer): string {
  const file = join(root, 'archive')
  writeFileSync(file, bytes)
  return file
}

/** Everything below a directory, links not followed. */
function contents(directory = into): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()
}

/** Where a path really leads; the path itself where it leads nowhere. */
function whereabouts(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** Nothing but the archive and the destination is there. */
function expectNothingOutside(): void {
  expect(readdirSync(root).filter((name) => !['archive', 'into'].includes(name))).toEqual([])
}

describe.each(Object.keys(formats))('unpacking a %s', (format) => {
  const pack = formats[format] as (entries: readonly Packed[]) => Buffer
  const refusal = async (entries: readonly Packed[]) => {
    const error = await unpack(archive(pack(entries)), into).then(
      () => expect.fail('it was taken'),
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(Unpackable)
    expect(error).toMatchObject({ retryable: false })
    expectNothingOutside()
    return (error as Error).message
  }

  it('gives files, directories and links, with the right to execute', async () => {
    const large = Buffer.alloc(3 * MiB, 'mayfly')
    await unpack(
      archive(
        pack([
          { name: 'src/', type: '5' },
          { name: 'src/main.js', bytes: 'hello' },
          { name: './deep/er/large', bytes: large },
          { name: 'empty' },
          { name: 'run.sh', bytes: '#!/bin/sh', mode: 0o4755 },
          { name: 'bin/run', type: '2', target: '../run.sh' },
        ]),
      ),
      into,
    )
    expect(contents()).toEqual([
      'bin',
      'bin/run',
      'deep',
      'deep/er',
      'deep/er/large',
      'empty',
      'run.sh',
      'src',
      'src/main.js',
    ])
    expect(readFileSync(join(into, 'deep/er/large')).equals(large)).toBe(true)
    expect(statSync(join(into, 'run.sh')).mode & 0o7777).toBe(0o700)
    expect(statSync(join(into, 'src/main.js')).mode & 0o7777).toBe(0o600)
    expect(readlinkSync(join(into, 'bin/run'))).toBe('../run.sh')
  })

  it('takes names that only look dangerous', async () => {
    const names = ['-rf', '..data', 'a b', '*', '$(id)', '🦋', 'new\nline', 'x'.repeat(255), '...']
    await unpack(archive(pack(names.map((name) => ({ name, bytes: name })))), into)
    expect(contents()).toEqual([...names].sort())
    for (const name of names) expect(readFileSync(join(into, name), 'utf8')).toBe(name)
  })

  it.each(['/etc/passwd', '../outside', 'a/../../outside', 'a/..', `a/${'x'.repeat(256)}`, 'a/'.repeat(1_500)])(
    'refuses the name %s',
    async (name) => {
      expect(await refusal([{ name, bytes: 'x' }])).toMatch(/^th(e|is) (archive|is not)/)
    },
  )

  it.each(['/etc/passwd', '../outside', '../../x', 'a/../../x', '..', 'down/../up'])(
    'refuses a link to %s',
    async (target) => {
      expect(await refusal([{ name: 'link', type: '2', target }])).toContain('is a link')
      expect(contents()).toEqual([])
    },
  )

  it('writes through no link, whatever comes first', async () => {
    const link = { name: 'dir', type: '2', target: 'real' }
    const file = { name: 'dir/file', bytes: 'x' }
    expect(await refusal([{ name: 'real/', type: '5' }, link, file])).toContain('is there twice')
  })

  it('lets no row of links lead outside', async () => {
    // Each of them looks harmless: lexically the second stays inside, but from where the first leads it does not.
    const first = { name: 'a/b/up', type: '2', target: '../..' }
    expect(await refusal([first, { name: 'out', type: '2', target: 'a/b/up/../x' }])).toContain(
      'down before it goes up',
    )
  })

  it.each([
    ['3', /device|neither/],
    ['6', /FIFO|neither/],
  ])('refuses what is no file: %s', async (type, why) => {
    expect(await refusal([{ name: 'odd', type }])).toMatch(why)
    expect(contents()).toEqual([])
  })

  it('replaces a file that comes again, and refuses two things of one name', async () => {
    await unpack(
      archive(
        pack([
          { name: 'a', bytes: 'old' },
          { name: 'a', bytes: 'new', mode: 0o755 },
        ]),
      ),
      into,
    )
    expect(readFileSync(join(into, 'a'), 'utf8')).toBe('new')
    expect(statSync(join(into, 'a')).mode & 0o100).toBe(0o100)
    rmSync(into, { recursive: true })
    expect(await refusal([{ name: 'a' }, { name: 'a/b' }])).toContain('is there twice')
    rmSync(into, { recursive: true })
    expect(await refusal([{ name: 'a/b' }, { name: 'a' }])).toContain('is there twice')
  })

  it('stops at its limits', async () => {
    const file = archive(
      pack([
        { name: 'a', bytes: Buffer.alloc(2 * MiB) },
        { name: 'b/c/d', bytes: 'x' },
      ]),
    )
    await expect(unpack(file, join(into, '1'), { maxMiB: 1 })).rejects.toThrow('more than 1 MiB')
    await expect(unpack(file, join(into, '2'), { maxEntries: 3 })).rejects.toThrow('more than 3 entries')
    expect(statSync(join(into, '1/a')).size).toBeLessThanOrEqual(MiB)
  })

  it('says of an archive that is cut off or damaged that it cannot be read', async () => {
    const bytes = pack([{ name: 'a', bytes: Buffer.from(Array.from({ length: 9_999 }, (_, at) => (at * at) % 251)) }])
    for (const broken of [bytes.subarray(0, bytes.length / 2), bytes.subarray(0, 3)]) {
      await expect(unpack(archive(broken), join(root, 'into', String(broken.length)))).rejects.toThrow(
        'that can be read',
      )
    }
  })

  it('goes into an empty directory only', async () => {
    mkdirSync(into)
    writeFileSync(join(into, 'there'), '')
    expect(await refusal([{ name: 'a' }])).toContain('not empty')
  })

  it('leaves nothing outside, whatever the names and links are', async () => {
    const part = fc.constantFrom('a', 'b', '..', '.', '', 'c')
    const path = fc.array(part, { maxLength: 5 }).map((parts) => parts.join('/'))
    const entry = fc.record({ name: path.map((one) => one || 'a'), type: fc.constantFrom('0', '2', '5'), target: path })
    const packed = entry.map(
      ({ name, type, target }): Packed =>
        type === '2' ? { name, type, target: target || 'a' } : { name, type, bytes: type === '0' ? 'x' : '' },
    )
    let round = 0
    await fc.assert(
      fc.asyncProperty(fc.array(packed, { maxLength: 8 }), async (entries) => {
        const here = join(into, String(round++), 'well', 'inside')
        await unpack(archive(pack(entries)), here).catch((error) => expect(error).toBeInstanceOf(Unpackable))
        if (!existsSync(here)) return
        for (const name of contents(here)) expect(`${whereabouts(join(here, name))}/`).toContain(`${here}/`)
        expect(readdirSync(join(here, '..'))).toEqual(['inside'])
      }),
      { numRuns: 60 },
    )
  })
})

describe('unpacking', () => {
  it('stops at a bomb before it is on the disk', async () => {
    const zeroes = [{ name: 'bomb', bytes: Buffer.alloc(64 * MiB) }]
    for (const [at, bytes] of [gzipSync(tarOf(zeroes)), zipOf(zeroes), zstdCompressSync(tarOf(zeroes))].entries()) {
      await expect(unpack(archive(bytes), join(into, String(at)))).rejects.toThrow('taken for a bomb')
      expect(statSync(join(into, String(at), 'bomb')).size).toBeLessThanOrEqual(17 * MiB)
    }
  })

  it('reads nothing after the end, however much there is', async () => {
    await unpack(archive(gzipSync(Buffer.concat([tarOf([{ name: 'a' }]), Buffer.alloc(64 * MiB)]))), into)
    expect(contents()).toEqual(['a'])
  })

  it('refuses hard links', async () => {
    const entries = [{ name: 'a' }, { name: 'b', type: '1', target: 'a' }]
    await expect(unpack(archive(tarOf(entries)), into)).rejects.toThrow('"b" is a hard link')
  })

  it('refuses names that are not text', async () => {
    const entries = [{ name: Buffer.from([0x61, 0xff]) }]
    await expect(unpack(archive(tarOf(entries)), into)).rejects.toThrow('is not text')
  })

  it.each(['', 'hello', 'x'.repeat(5_000)])('says of something else that it is no archive: %s', async (text) => {
    await expect(unpack(archive(Buffer.from(text)), into)).rejects.toThrow('this is not a tar')
  })

  it('reads what tar itself has packed', async () => {
    mkdirSync(join(root, 'from', 'd'.repeat(120)), { recursive: true })
    writeFileSync(join(root, 'from', 'd'.repeat(120), 'x'.repeat(255)), 'long')
    execFileSync('ln', ['-s', 'd'.repeat(120), join(root, 'from', 'link')])
    for (const [at, how] of ['--format=gnu', '--format=pax'].entries()) {
      execFileSync('tar', ['czf', join(root, 'archive'), how, '-C', join(root, 'from'), '.'])
      await unpack(join(root, 'archive'), join(into, String(at)))
      expect(readFileSync(join(into, String(at), 'link', 'x'.repeat(255)), 'utf8')).toBe('long')
    }
  })

  it('lets errors of the file system through: they are not the archive’s', async () => {
    await expect(unpack(join(root, 'missing'), into)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
