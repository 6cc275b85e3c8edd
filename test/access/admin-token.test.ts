import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { adminToken } from '../../src/access/admin-token.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mayfly-access-'))
})
afterEach(() => rm(directory, { recursive: true }))

it('is made at the first start, for its owner’s eyes only, and is the same at every later one', async () => {
  const token = await adminToken(directory)
  expect(token).toMatch(/^mayfly_[\w-]{43}$/)
  expect((await stat(join(directory, 'admin-token'))).mode & 0o777).toBe(0o600)
  expect(await readFile(join(directory, 'admin-token'), 'utf8')).toBe(`${token}\n`)
  expect(await readdir(directory)).toEqual(['admin-token'])
  expect(await adminToken(directory)).toBe(token)
})

it('takes a draft that a crash left for nothing, and writes through no link', async () => {
  await writeFile(join(directory, 'precious'), 'mine')
  await symlink('precious', join(directory, 'admin-token.draft'))
  await adminToken(directory)
  expect(await readFile(join(directory, 'precious'), 'utf8')).toBe('mine')
})

it('refuses a file that holds no token, and says what to do', async () => {
  await writeFile(join(directory, 'admin-token'), '')
  await expect(adminToken(directory)).rejects.toThrow(/does not hold a token: remove it/)
})
