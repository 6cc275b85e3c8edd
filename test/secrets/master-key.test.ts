import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { keyPlaceOf, makeMasterKey, readMasterKey } from '../../src/secrets/master-key.ts'

const directory = mkdtempSync(join(tmpdir(), 'mayfly-key-'))
afterAll(() => rmSync(directory, { recursive: true }))

const at = (name: string) => ({ path: join(directory, name), canMake: true })

describe('the master key', () => {
  it('is the file that was set, else what systemd brings, else the one in the data directory', () => {
    const credentials = join(directory, 'credentials')
    mkdirSync(credentials)
    const own = keyPlaceOf('/data', { credentials })
    expect(own).toEqual({ path: '/data/master-key', canMake: true })
    writeFileSync(join(credentials, 'mayfly-master-key'), Buffer.alloc(32, 1))
    const brought = keyPlaceOf('/data', { credentials })
    expect(brought).toEqual({ path: join(credentials, 'mayfly-master-key'), canMake: false })
    expect(readMasterKey(brought)).toEqual(Buffer.alloc(32, 1))
    expect(keyPlaceOf('/data', { credentials, masterKey: '/key' })).toEqual({ path: '/key', canMake: true })
  })

  it('is made once, for nobody else to read, whatever an earlier start left half done', () => {
    const place = at('made')
    writeFileSync(`${place.path}.draft`, 'half')
    const key = makeMasterKey(place)
    expect(readMasterKey(place)).toEqual(key)
    const { mode, size } = statSync(place.path)
    expect([mode & 0o777, size]).toEqual([0o400, 32])
    expect(statSync(`${place.path}.draft`, { throwIfNoEntry: false })).toBeUndefined()
  })

  it('is absent where there is no file, and nothing else is a key', () => {
    expect(readMasterKey(at('absent'))).toBeUndefined()
    writeFileSync(at('empty').path, '')
    writeFileSync(at('short').path, Buffer.alloc(31))
    writeFileSync(at('long').path, Buffer.alloc(33))
    mkdirSync(at('directory').path)
    spawnSync('mkfifo', [at('pipe').path])
    for (const name of ['empty', 'short', 'long', 'directory', 'pipe']) {
      expect(() => readMasterKey(at(name)), name).toThrow(`${at(name).path} does not hold a master key of 32 bytes`)
    }
  })

  it('that cannot be written says so in one sentence', () => {
    expect(() => makeMasterKey(at('nowhere/key'))).toThrow(
      /^The master key .*nowhere\/key cannot be written: ENOENT.*\.$/,
    )
  })
})
