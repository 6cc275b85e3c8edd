import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { newToken } from './token.ts'

/** Long enough that nobody has written a word of their own into the file. */
const plausible = /^[!-~]{32,256}$/

/**
 * The admin token of a data directory: made at its first start, read back at every later one. To be called by the one
 * process that holds the directory's lock.
 */
export async function adminToken(dataDirectory: string): Promise<string> {
  const path = join(dataDirectory, 'admin-token')
  return (await readToken(path)) ?? (await writeToken(path))
}

async function readToken(path: string): Promise<string | undefined> {
  const content = await readFile(path, 'utf8').catch(ifAbsent)
  if (content === undefined) return undefined
  const token = content.trim()
  if (plausible.test(token)) return token
  throw new Error(`${path} does not hold a token: remove it, and the next start makes a new one`)
}

/** Whole under another name first, so that a crash never leaves half a token; exclusive, so that no link is followed. */
async function writeToken(path: string): Promise<string> {
  const token = newToken()
  const draft = `${path}.draft`
  await rm(draft, { force: true })
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(`${token}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
  return token
}

function ifAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
